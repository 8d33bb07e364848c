import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readManifests } from "../manifests/read.ts";
import { workloadOf } from "../manifests/workloads.ts";
import { parseFilter } from "../policies/filter.ts";
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

test("the guide's filters allow what it says", () => {
  const table = rows("filter");
  expect(table.length).toBeGreaterThan(8);
  for (const [written, tag, allowed] of table) {
    const result = parseFilter(written!);
    if (!result.ok) throw new Error(result.reason);
    expect([written, tag, result.filter.allows(tag!)]).toEqual([written, tag, allowed === "yes"]);
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
