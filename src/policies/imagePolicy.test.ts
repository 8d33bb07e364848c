import { expect, test } from "vitest";
import { parseFilter } from "./filter.ts";
import { readImagePolicy, withImagePolicies } from "./imagePolicy.ts";

function policy(spec: object, apiVersion = "image.toolkit.fluxcd.io/v1beta2") {
  return { apiVersion, kind: "ImagePolicy", metadata: { name: "cart", namespace: "flux-system" }, spec };
}
const main = "^main-[a-f0-9]+-(?P<ts>[0-9]+)$";

test.each([
  [{ policy: { semver: { range: ">=1.0.0 <2.0.0" } } }, "semver:>=1.0.0 <2.0.0"],
  [{ policy: { numerical: { order: "asc" } } }, "numerical:asc"],
  [{ policy: { numerical: {} } }, "numerical:asc"],
  [{ policy: { alphabetical: { order: "desc" } } }, "alphabetical:desc"],
  [
    { policy: { numerical: { order: "asc" } }, filterTags: { pattern: main, extract: "$ts" } },
    `numerical:asc:$ts:${main}`,
  ],
  [
    { policy: { semver: { range: "1.x" } }, filterTags: { pattern: "^v(.+)-alpine$", extract: "$1" } },
    "semver:1.x from $1:^v(.+)-alpine$",
  ],
])("%j is %s", (spec, filter) => {
  expect(readImagePolicy(policy(spec))).toEqual({ name: "flux-system:cart", filter });
});

test("without an extract the whole tag is compared, as Flux does, even where the pattern has groups", () => {
  const found = readImagePolicy(policy({ policy: { alphabetical: {} }, filterTags: { pattern: "-(\\d+)$" } }))!;
  const result = parseFilter(found.filter);
  if (!result.ok) throw new Error(result.reason);
  const tags = ["b-1", "a-2", "c"].filter(result.filter.allows);
  expect(tags.sort((a, b) => result.filter.compare({ tag: a }, { tag: b }))).toEqual(["b-1", "a-2"]);
});

test.each([
  [{}, /names none or several/],
  [{ policy: { semver: { range: "1" }, numerical: {} } }, /names none or several/],
  [{ policy: { semver: {} } }, /has no range/],
  [{ policy: { semver: { range: "one" } } }, /not a version constraint/],
  [{ policy: { numerical: { order: "up" } } }, /order is "up"/],
  [{ policy: { numerical: {} }, filterTags: { pattern: "(" } }, /not a regular expression/],
  [{ policy: { numerical: {} }, filterTags: { pattern: "^(\\d+)$", extract: "v$1" } }, /does not begin with a group/],
])("%j is told, and lets nothing through", (spec, problem) => {
  const found = readImagePolicy(policy(spec))!;
  expect(found.problem).toMatch(problem);
  const result = parseFilter(found.filter);
  expect(result.ok ? "" : result.reason).toBe("the ImagePolicy flux-system:cart cannot be used as a tag filter");
});

test("another kind is no policy, whatever its version", () => {
  expect(readImagePolicy({ ...policy({}), kind: "ImageRepository" })).toBeUndefined();
  expect(readImagePolicy(policy({}, "example.com/v1"))).toBeUndefined();
  expect(readImagePolicy(policy({ policy: { alphabetical: {} } }, "image.toolkit.fluxcd.io/v1"))).toBeDefined();
});

test("a marked container gets its policy's filter, unless an annotation says otherwise", () => {
  const workload = {
    id: "shop:deployment/cart",
    apiVersion: "apps/v1",
    kind: "Deployment",
    namespace: "shop",
    name: "cart",
    file: "cart.yaml",
    line: 1,
    containers: ["cart", "side", "plain", "lost"].map((container) => ({
      container,
      init: false,
      image: `shop/${container}:1`,
      ...(container === "plain" ? {} : { policy: container === "lost" ? "x:y" : "flux-system:cart" }),
    })),
    policy: { automated: true, ignored: false, written: {}, tags: { side: "glob:1*" } },
  };
  const policies = new Map([["flux-system:cart", { name: "flux-system:cart", filter: "numerical:asc" }]]);
  expect(withImagePolicies(workload, policies).policy.tags).toEqual({ cart: "numerical:asc", side: "glob:1*" });
  expect(withImagePolicies(workload, new Map())).toBe(workload);
});
