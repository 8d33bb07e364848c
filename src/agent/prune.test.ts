import fc from "fast-check";
import { expect, test } from "vitest";
import { readManifests } from "../manifests/read.ts";
import type { EnvironmentTree } from "../repositories/trees.ts";
import { type DesiredState, desiredState } from "./desired.ts";
import { announced, entriesOf, type Inventory } from "./inventory.ts";
import { planPrune } from "./prune.ts";

/** State of files given as `path -> names of ConfigMaps`; null is a file that cannot be read. */
function state(
  files: Readonly<Record<string, readonly string[] | null>>,
  emptyPaths: readonly string[] = [],
): DesiredState {
  const tree: EnvironmentTree = {
    commit: "c",
    workloads: new Map(),
    problems: [],
    emptyPaths,
    file: () => undefined,
    files: Object.entries(files).map(([path, names]) => ({
      path,
      blob: path,
      result: readManifests(names === null ? "a: [" : names.map(configMap).join("---\n")),
      workloads: [],
      policies: [],
    })),
  };
  return desiredState(tree, () => true);
}
const configMap = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name}, namespace: shop }\n`;
const inventoryOf = (from: DesiredState): Inventory => ({ entries: entriesOf(from.objects), commit: "b" });
const key = (name: string) => `ConfigMap shop/${name}`;
const never = () => false;

test("what Git no longer names goes", () => {
  const plan = planPrune(
    inventoryOf(state({ "a.yaml": ["one", "two"], "b.yaml": ["three"] })),
    state({ "a.yaml": ["one", "two"] }),
    never,
  );
  expect(plan.remove.map((entry) => entry.key)).toEqual([key("three")]);
});

test("an object that moved to another file stays", () => {
  const plan = planPrune(
    inventoryOf(state({ "a.yaml": ["one"], "b.yaml": ["two"] })),
    state({ "c.yaml": ["one", "two"] }),
    never,
  );
  expect(plan).toEqual({ remove: [], keep: [] });
});

test("objects of a file that cannot be read, and of a path that is empty, are never removed", () => {
  const before = inventoryOf(state({ "a/a.yaml": ["one"], "b/b.yaml": ["two"], "c/c.yaml": ["three"] }));
  const plan = planPrune(before, state({ "a/a.yaml": null, "c/c.yaml": ["three"] }, ["./b/"]), never);
  expect(plan).toEqual({ remove: [], keep: [key("one"), key("two")] });
});

test("more than half waits for the confirmation of exactly this set", () => {
  const before = inventoryOf(state({ "a.yaml": ["one", "two"], "b.yaml": ["three"] }));
  const asked = planPrune(before, state({ "b.yaml": ["three"] }), never);
  expect(asked.remove).toEqual([]);
  expect(asked.confirm).toMatchObject({ objects: [key("one"), key("two")], of: 3 });
  const answered = planPrune(before, state({ "b.yaml": ["three"] }), (hash) => hash === asked.confirm?.hash);
  expect(answered.remove.map((entry) => entry.key)).toEqual([key("one"), key("two")]);
  const more = planPrune(before, state({}), (hash) => hash === asked.confirm?.hash);
  expect(more.remove).toEqual([]);
});

test("renaming everything is removing everything: what is only announced does not count as the environment", () => {
  const after = state({ "a.yaml": ["uno", "due", "tre"] });
  const before = announced(inventoryOf(state({ "a.yaml": ["one", "two", "three"] })), after.objects);
  expect(planPrune(before, after, never).confirm?.of).toBe(3);
});

test("no set of changes removes an object Git names, or more than half without being asked", () => {
  const names = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e", "f"));
  fc.assert(
    fc.property(names, names, fc.boolean(), (old, now, broken) => {
      const before = inventoryOf(state({ "x.yaml": old }));
      const after = state(broken ? { "x.yaml": null, "y.yaml": now } : { "x.yaml": now });
      const plan = planPrune(announced(before, after.objects), after, never);
      for (const { key: gone } of plan.remove) expect(after.objects.has(gone)).toBe(false);
      expect(plan.remove.length * 2).toBeLessThanOrEqual(old.length);
      if (broken) expect(plan.remove).toEqual([]);
    }),
  );
});
