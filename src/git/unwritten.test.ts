import { expect, test } from "vitest";
import { type MadeObject, Unwritten } from "./unwritten.ts";

const object = (id: string, type: MadeObject["type"] = "blob"): MadeObject => ({ id, type, data: Buffer.from(id) });
const ids = (objects: readonly MadeObject[]) => objects.map(({ id }) => id).sort();

test("commits in a line are found with all they brought, each object once", () => {
  const unwritten = new Unwritten();
  unwritten.add("c1", "base", [object("blob"), object("c1", "commit")]);
  unwritten.add("c2", "c1", [object("blob"), object("other"), object("c2", "commit")]);
  const found = unwritten.between("base", "c2")!;
  expect([found.commits, ids(found.objects)]).toEqual([
    ["c2", "c1"],
    ["blob", "c1", "c2", "other"],
  ]);
  expect(ids(unwritten.between("c1", "c2")!.objects)).toEqual(["blob", "c2", "other"]);
  expect(unwritten.between("elsewhere", "c2")).toBeUndefined();
});

test("what two commits brought stays until both are forgotten, and forgetting twice is forgetting once", () => {
  const unwritten = new Unwritten();
  unwritten.add("c1", "base", [object("blob"), object("c1", "commit")]);
  unwritten.add("d1", "base", [object("blob"), object("d1", "commit")]);
  const first = unwritten.between("base", "c1")!;
  unwritten.forget(first);
  unwritten.forget(first);
  expect([unwritten.get("c1"), unwritten.get("blob")?.id]).toEqual([undefined, "blob"]);
  unwritten.forget(unwritten.all());
  expect([unwritten.get("blob"), unwritten.bytes]).toEqual([undefined, 0]);
});
