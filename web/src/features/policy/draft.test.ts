import { expect, test } from "vitest";
import { draftOf, updateOf, updateWords } from "./draft.ts";

const container = (name: string) => ({
  container: name,
  init: false,
  image: `shop/${name}:1`,
  version: { tag: "1" },
  running: [],
});
const cell = {
  workload: "shop:deployment/cart",
  containers: [container("cart"), container("sidecar")],
  automated: true,
  locked: { by: "Ana", message: "sale week" },
  policy: { automated: "true", locked: "true", "tag.cart": "semver:~1.4" },
};
const draft = draftOf(cell);

test("a form nobody touched changes nothing", () => {
  expect(draft).toEqual({
    automated: true,
    locked: true,
    reason: "sale week",
    filters: { cart: "semver:~1.4", sidecar: "" },
  });
  expect(updateOf(cell, draft)).toBeUndefined();
  expect(updateOf(cell, { ...draft, filters: { cart: " semver:~1.4 ", sidecar: "glob:*" } })).toBeUndefined();
});

test("only what was changed is written", () => {
  expect(updateOf(cell, { ...draft, filters: { cart: "semver:~1.5", sidecar: "" } })).toEqual({
    workload: cell.workload,
    add: { "tag.cart": "semver:~1.5" },
    remove: [],
  });
  expect(updateOf(cell, { ...draft, locked: false })).toEqual({ workload: cell.workload, add: {}, remove: ["locked"] });
  expect(updateOf(cell, { ...draft, reason: "audit" })?.add).toEqual({ locked: "true", locked_msg: "audit" });
  expect(updateOf(cell, { ...draft, automated: false })?.remove).toEqual(["automated"]);
});

test("an emptied filter is taken away, and so is one that takes every tag", () => {
  for (const text of ["", "  ", "glob:*"])
    expect(updateOf(cell, { ...draft, filters: { cart: text, sidecar: "" } })?.remove).toEqual(["tag.cart"]);
});

test("every change is told in words before it is made", () => {
  const free = { ...cell, locked: undefined, automated: false, policy: {} };
  const update = updateOf(free, { automated: true, locked: true, reason: "audit", filters: { cart: "glob:main-*" } })!;
  expect(updateWords(update)).toEqual([
    "Automation may move it.",
    "Nothing moves it any more: audit",
    "cart takes tags that fit glob:main-*.",
  ]);
  expect(updateWords(updateOf(cell, { automated: false, locked: false, reason: "", filters: { cart: "" } })!)).toEqual([
    "Automation leaves it alone.",
    "The lock is lifted.",
    "cart has no tag filter of its own any more.",
  ]);
});

test("changes that other clients made are told in the same words", () => {
  const told = (add: Record<string, string>, remove: string[] = []) =>
    updateWords({ workload: cell.workload, add, remove });
  expect(told({ locked: "true", locked_user: "Ana" })).toEqual(["Nothing moves it any more."]);
  expect(told({ locked_msg: "audit" })).toEqual(["The lock says: audit"]);
  expect(told({ tag_all: "semver:~1" }, ["locked", "locked_msg", "locked_user"])).toEqual([
    "Every container takes tags that fit semver:~1.",
    "The lock is lifted.",
  ]);
  expect(told({ ignore: "true", automated: "false" })).toEqual([
    "It is neither applied nor released.",
    "Automation leaves it alone.",
  ]);
  expect(told({ automated: "true" }, ["automated"])).toEqual(["Automation leaves it alone."]);
});
