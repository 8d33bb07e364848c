import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readManifests } from "../manifests/read.ts";
import { workloadOf } from "../manifests/workloads.ts";
import { parseFilter, type TagFilter } from "../policies/filter.ts";
import { readImagePolicy } from "../policies/imagePolicy.ts";
import { policyEdit } from "../policies/update.ts";
import { isHeld } from "./rules.ts";
import { readMarks } from "./trailers.ts";

const guide = readFileSync(new URL("../../docs/guides/policies.md", import.meta.url), "utf8");
function block(opening: string): string {
  const found = new RegExp(`^\`\`\`${opening}\\n([\\s\\S]*?)^\`\`\`$`, "m").exec(guide);
  if (found === null) throw new Error(`the guide has no block ${opening}`);
  return found[1]!;
}
/** Rows of the table whose first column is called so. */
function rows(first: string): string[][] {
  const lines = guide.slice(guide.search(new RegExp(`^\\| ${first} +\\|`, "m"))).split("\n");
  const end = lines.findIndex((line) => !line.startsWith("|"));
  return lines.slice(2, end).map((line) => line.split(" | ").map((cell) => cell.replace(/^\||\|$|`/g, "").trim()));
}

test("the guide's workload has the policy the guide shows", () => {
  const result = readManifests(block("yaml policy"));
  if (!result.ok) throw new Error(result.problem.message);
  expect(workloadOf(result.file.objects[0]!, "cart.yaml")!.policy).toMatchObject(JSON.parse(block("json")));
});

function filter(written: string): TagFilter {
  const result = parseFilter(written);
  if (!result.ok) throw new Error(result.reason);
  return result.filter;
}

test("the guide's filters allow what it says", () => {
  const table = rows("filter");
  expect(table.length).toBeGreaterThan(12);
  for (const [written, tag, allowed] of table)
    expect([written, tag, filter(written!).allows(tag!)]).toEqual([written, tag, allowed === "yes"]);
});

test("the guide's newest tags are the newest", () => {
  const table = rows("of the tags");
  expect(table).toHaveLength(5);
  for (const [tags, written, newest] of table) {
    const { allows, compare } = filter(written!);
    const order = tags!.split(" ").filter(allows);
    expect(order.sort((a, b) => compare({ tag: a }, { tag: b }))[0]).toBe(newest);
  }
});

test("the guide's ImagePolicy is the filter it says", () => {
  const result = readManifests(block("yaml image policy"));
  if (!result.ok) throw new Error(result.problem.message);
  expect(readImagePolicy(result.file.objects[0]!.object)).toEqual({
    name: "flux-system:cart",
    filter: block("text image policy").trim(),
  });
});

test("the guide's changes of policies come to what it says", () => {
  const pairs = (text: string, separator: string): Record<string, string> =>
    text === "none"
      ? {}
      : Object.fromEntries(
          text.split(", ").map((pair) => {
            const at = pair.indexOf(separator);
            return [pair.slice(0, at), pair.slice(at + separator.length)];
          }),
        );
  const containers = ["cart", "sidecar"].map((container) => ({ container, init: false, image: `shop/${container}:1` }));
  const table = rows("annotations before");
  expect(table).toHaveLength(5);
  for (const [before, change, after] of table) {
    const annotations = pairs(before!, ": ");
    const update = change!.startsWith("-")
      ? { add: {}, remove: [change!.slice(1)] }
      : { add: pairs(change!, "="), remove: [] };
    const edit = policyEdit({ id: "shop:deployment/cart", containers }, annotations, update);
    if ("problem" in edit) throw new Error(edit.problem);
    const kept = Object.entries(annotations).filter(([key]) => !edit.remove.includes(key));
    expect({ ...Object.fromEntries(kept), ...edit.set }).toEqual(pairs(after!, ": "));
  }
});

test("the guide's commit holds what it says", () => {
  const commit = { commit: "c", parents: [], author: "Ana", at: 1, subject: "Roll back", body: block("text trailers") };
  const { holds } = readMarks({ holds: [], prunes: [] }, [commit]);
  expect(holds).toHaveLength(2);
  const table = rows("held container");
  expect(table.length).toBe(4);
  for (const [container, version, comes] of table) {
    const hold = holds.find((entry) => entry.container === container)!;
    expect([container, version, isHeld(hold, { tag: version! }, undefined)]).toEqual([
      container,
      version,
      comes === "no",
    ]);
  }
});
