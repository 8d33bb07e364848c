import { expect, test } from "vitest";
import { editWhatCan } from "./editable.ts";

const deployment = (name: string, image: string) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop }
spec: { template: { spec: { containers: [{ name: ${name}, image: ${image} }] } } }
`;
const edit = (name: string, tag: string) => ({
  workload: `shop:deployment/${name}`,
  container: name,
  image: `shop/${name}:${tag}`,
});
const aliased = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop, annotations: { image: &web shop/web:1 } }
spec: { template: { spec: { containers: [{ name: web, image: *web }, { name: side, image: shop/side:1 }] } } }
`;
const side = { workload: "shop:deployment/web", container: "side", image: "shop/side:2" };

test("only the container that cannot be edited in place is left out, with file, line and reason", () => {
  const text = `${aliased}---\n${deployment("api", "shop/api:1")}`;
  const web = edit("web", "2");
  const { text: result, refused } = editWhatCan("all.yaml", text, [web, side, edit("api", "2")]);
  expect(result).toBe(text.replace("shop/side:1", "shop/side:2").replace("shop/api:1", "shop/api:2"));
  expect([...refused.keys()]).toEqual([web]);
  expect(refused.get(web)).toMatch(/^all\.yaml line 4: .*YAML alias/);
});

test("two images asked for one container: the first goes, the other is told", () => {
  const second = edit("api", "3");
  const { text, refused } = editWhatCan("api.yaml", deployment("api", "shop/api:1"), [edit("api", "2"), second]);
  expect(text).toBe(deployment("api", "shop/api:2"));
  expect([...refused.keys()]).toEqual([second]);
});

test("a file that cannot be read refuses everything and stays as it is", () => {
  const { text, refused } = editWhatCan("api.yaml", "kind: [", [edit("api", "2"), edit("web", "2")]);
  expect(text).toBe("kind: [");
  expect(refused.size).toBe(2);
});

test("edits that cannot go together go one after the other as far as they can", () => {
  const shared = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec: { template: { spec: { containers: [{ name: web, image: &web shop/web:1 }, { name: copy, image: *web }] } } }
`;
  const text = `${shared}---\n${deployment("api", "shop/api:1")}`;
  const web = edit("web", "2");
  const { text: result, refused } = editWhatCan("all.yaml", text, [web, edit("api", "2")]);
  expect(result).toBe(text.replace("shop/api:1", "shop/api:2"));
  expect([...refused]).toEqual([[web, expect.stringMatching(/^all\.yaml line 4: .* would change .*containers\[1\]/)]]);
});

test("annotations and images of one file are edited together", () => {
  const lock = {
    kind: "annotations" as const,
    workload: "shop:deployment/api",
    set: { "a/locked": "true" },
    remove: [],
  };
  const gone = { ...lock, workload: "shop:deployment/gone" };
  const { text, refused } = editWhatCan("api.yaml", deployment("api", "shop/api:1"), [lock, gone, edit("api", "2")]);
  expect(text).toBe(deployment("api", "shop/api:2").replace("shop }", 'shop, annotations: { a/locked: "true" } }'));
  expect([...refused]).toEqual([[gone, "api.yaml: shop:deployment/gone is not in this file"]]);
});

test("files that are no manifests are edited by the environment's rules", () => {
  const rules = { fields: [], files: [{ path: "web/values.yaml", kind: "values" as const, namespace: "shop" }] };
  const values = "image:\n  repository: shop/web\n  tag: 1.0 # now\n";
  const change = { workload: "shop:helmvalues/web", container: "chart-image", image: "shop/web:1.10" };
  expect(editWhatCan("web/values.yaml", values, [change], { rules }).text).toBe(values.replace("1.0", '"1.10"'));
  expect(editWhatCan("web/values.yaml", values, [change]).refused.get(change)).toMatch(/no apiVersion and kind/);
});
