import fc from "fast-check";
import { expect, test } from "vitest";
import { policyOf } from "./annotations.ts";
import { normalisePattern } from "./filter.ts";
import { type AnnotationChange, policyEdit } from "./update.ts";

const workload = {
  id: "shop:deployment/cart",
  containers: [
    { container: "cart", init: false, image: "shop/cart:1" },
    { container: "side", init: false, image: "shop/side:1" },
  ],
};
type Annotations = Record<string, string>;

function edit(annotations: Annotations, add: Annotations, remove: string[] = []): AnnotationChange {
  const result = policyEdit(workload, annotations, { add, remove });
  if ("problem" in result) throw new Error(result.problem);
  return result;
}
function problem(add: Annotations, remove: string[] = []): string {
  const result = policyEdit(workload, {}, { add, remove });
  return "problem" in result ? result.problem : "";
}
function applied(annotations: Annotations, change: AnnotationChange): Annotations {
  const kept = Object.entries(annotations).filter(([key]) => !change.remove.includes(key));
  return { ...Object.fromEntries(kept), ...change.set };
}

test("a new policy is written under Flux's prefix", () => {
  expect(edit({}, { automated: "true", "tag.cart": "semver:~1" })).toEqual({
    set: { "fluxcd.io/automated": "true", "fluxcd.io/tag.cart": "semver:~1" },
    remove: [],
  });
});

test.each(["sluice.dev/tag.cart", "flux.weave.works/tag.cart", "filter.fluxcd.io/cart"])(
  "a policy that stands under %s is changed there",
  (name) => {
    expect(edit({ [name]: "glob:1*" }, { "tag.cart": "glob:2*" })).toEqual({ set: { [name]: "glob:2*" }, remove: [] });
  },
);

test("of a policy written twice the one that counts is set, and all of them are taken away", () => {
  const twice = { "fluxcd.io/locked": "true", "sluice.dev/locked": "false" };
  expect(edit(twice, { locked: "true" }).set).toEqual({ "sluice.dev/locked": "true" });
  expect(edit(twice, {}, ["locked"]).remove).toEqual(["sluice.dev/locked", "fluxcd.io/locked"]);
});

test("taking away wins over setting the same key", () => {
  expect(edit({ "fluxcd.io/automated": "true" }, { automated: "true" }, ["automated"])).toEqual({
    set: {},
    remove: ["fluxcd.io/automated"],
  });
});

test("tag_all sets every container, over what is said of one", () => {
  expect(edit({}, { tag_all: "1.*", "tag.cart": "glob:2*" }).set).toEqual({
    "fluxcd.io/tag.cart": "glob:1.*",
    "fluxcd.io/tag.side": "glob:1.*",
  });
});

test.each(["glob:*", "*"])("%s is no filter: it takes the tag policy away", (pattern) => {
  const tags = { "fluxcd.io/tag.cart": "glob:1*", "fluxcd.io/tag.side": "glob:1*" };
  expect(edit(tags, { tag_all: pattern }).remove).toEqual(["fluxcd.io/tag.cart", "fluxcd.io/tag.side"]);
  expect(edit(tags, { "tag.side": pattern }).remove).toEqual(["fluxcd.io/tag.side"]);
  expect(edit(tags, {}, ["tag_all"]).remove).toEqual(["fluxcd.io/tag.cart", "fluxcd.io/tag.side"]);
});

test("a lock writes who and why, an unlock takes all three away", () => {
  const locked = edit({}, { locked: "true", locked_user: "Ana <ana@shop.example>", locked_msg: "sale week" });
  expect(locked.set).toEqual({
    "fluxcd.io/locked": "true",
    "fluxcd.io/locked_user": "Ana <ana@shop.example>",
    "fluxcd.io/locked_msg": "sale week",
  });
  expect(applied(locked.set, edit(locked.set, {}, ["locked"]))).toEqual({});
});

test("a new lock without a name does not inherit those of an old one, and an empty message is not written", () => {
  const stale = { "fluxcd.io/locked_user": "Bea", "fluxcd.io/locked_msg": "last year" };
  expect(applied(stale, edit(stale, { locked: "true" }))).toEqual({ "fluxcd.io/locked": "true" });
  expect(edit({}, { locked: "true", locked_user: "Ana", locked_msg: "" }).set).not.toHaveProperty(
    "fluxcd.io/locked_msg",
  );
});

test("what Git says already is nothing to write, also where it is spelled otherwise", () => {
  const annotations = { "fluxcd.io/automated": "true", "fluxcd.io/tag.cart": "1.*" };
  expect(edit(annotations, { automated: "true", "tag.cart": "glob:1.*" }, ["locked", "tag.side"]).nothing).toBe(true);
});

test.each([
  ["1.*", "glob:1.*"],
  ["glob:1.*", "glob:1.*"],
  ["regex:^v", "regexp:^v"],
  ["regexp:^v", "regexp:^v"],
  ["semver:~1", "semver:~1"],
  ["numerical:asc", "numerical:asc"],
  ["glob:numerical:desc:^b-(.*)$", "numerical:desc:^b-(.*)$"],
  ["glob:alphabetical", "alphabetical"],
])("the pattern %s is written as %s", (written, kept) => {
  expect(edit({}, { "tag.cart": written }).set).toEqual({ "fluxcd.io/tag.cart": kept });
});

test.each([
  [{ "tag.cart": "semver:one" }, /^invalid tag pattern: "semver:one"/],
  [{ tag_all: "regexp:(" }, /^invalid tag pattern: "regexp:\("/],
  [{ "tag.web": "1" }, /no container "web".*it has cart, side/],
  [{ colour: "blue" }, /"colour" is no policy; there are automated, /],
  [{ "tag.": "1" }, /no container ""/],
  [{ __proto__2: "1" }, /is no policy/],
  [{ automated: "yes" }, /automated takes "true" only, not "yes"/],
  [{ locked_msg: "x".repeat(2_000) }, /longer than/],
])("%j is refused as a whole, with the key that is wrong", (add, text) => {
  expect(problem({ automated: "true", ...add })).toMatch(text);
});

test("a key that does not exist cannot be taken away either", () => {
  expect(problem({}, ["colour"])).toMatch(/"colour" is no policy/);
});

const prefixes = ["sluice.dev/", "fluxcd.io/", "flux.weave.works/"];
const keys = ["automated", "locked", "locked_user", "locked_msg", "ignore", "tag.cart", "tag.side"];
const pattern = fc.constantFrom("1.*", "glob:*", "*", "semver:~1", "regexp:^v", "numerical:desc");
const standing = fc.dictionary(
  fc.constantFrom("filter.fluxcd.io/cart", "team", ...prefixes.flatMap((prefix) => keys.map((key) => prefix + key))),
  fc.constantFrom("true", "false", "", "glob:1*", "Ana"),
);
const additions = fc
  .record(
    {
      automated: fc.constant("true"),
      locked: fc.constant("true"),
      locked_user: fc.constantFrom("Ana", "Bea", ""),
      "tag.cart": pattern,
      tag_all: pattern,
    },
    { requiredKeys: [] },
  )
  .map((add) => add as Annotations);
test("the filter of a container that is gone can be taken away, and one that never stood there is told", () => {
  expect(edit({ "fluxcd.io/tag.gone": "glob:1" }, {}, ["tag.gone"]).remove).toEqual(["fluxcd.io/tag.gone"]);
  expect(problem({}, ["tag.gone"])).toMatch(/no container "gone"/);
});

const removals = fc.uniqueArray(fc.constantFrom<string>("automated", "locked", "ignore", "tag.cart", "tag_all"));

test("whatever stands there, the edit brings about what was asked, touches nothing else, and asks for nothing twice", () => {
  fc.assert(
    fc.property(standing, additions, removals, (before, add, remove) => {
      const change = edit(before, add, remove);
      const after = applied(before, change);
      const policy = policyOf(after);
      const gone = (key: string) => remove.includes(key) || remove.includes("tag_all");
      if (remove.includes("automated")) expect(policy.automated).toBe(false);
      else if (add.automated !== undefined) expect(policy.automated).toBe(true);
      else expect(policy.automated).toBe(policyOf(before).automated);
      if (remove.includes("locked")) expect(policy.locked).toBeUndefined();
      else if (add.locked !== undefined) {
        expect(policy.locked).toBeDefined();
        if (add.locked_user !== undefined) expect(policy.locked?.by).toBe(add.locked_user || undefined);
      }
      const wanted = add.tag_all ?? add["tag.cart"];
      if (gone("tag.cart")) expect(policy.tags).not.toHaveProperty("cart");
      else if (wanted !== undefined) {
        const written = normalisePattern(wanted);
        if (written === "glob:*") expect(policy.tags).not.toHaveProperty("cart");
        else expect(normalisePattern(policy.tags.cart!)).toBe(written);
      }
      expect(after.team).toBe(before.team);
      expect(edit(after, add, remove).nothing).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});
