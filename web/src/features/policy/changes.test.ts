import { expect, test } from "vitest";
import type { PolicyChange, PolicyChangeState } from "../../../../src/model/policy.ts";
import { changeOf, isAccepted, isInForce } from "./changes.ts";

const cart = "shop:deployment/cart";
const change = (state: PolicyChangeState): PolicyChange => ({
  id: "c-7f3k",
  environment: "dev",
  by: { kind: "person", name: "Ana" },
  message: "audit",
  createdAt: 0,
  updates: [{ workload: cart, add: { automated: "true" }, remove: [] }],
  state,
  revision: 0,
});
const looks = (state: PolicyChangeState) => changeOf(change(state), cart, undefined);
const success = { workload: cart, status: "success" } as const;

test("a change that waits for review or for Git never looks as if it were in force", () => {
  const review: PolicyChangeState = { end: "succeeded", commit: "abc", branch: "sluice/c-7f3k", outcomes: [success] };
  const trouble: PolicyChangeState = { step: "writing", base: "a", trouble: "the branch is protected" };
  expect(looks(review)).toMatchObject({
    sign: "waiting",
    note: "On branch sluice/c-7f3k; it counts once that is merged",
    commit: "abc",
  });
  expect(looks(trouble)).toMatchObject({ sign: "failed", note: "It is tried again: the branch is protected" });
  expect([review, trouble].map((state) => isInForce(change(state)))).toEqual([false, false]);
  expect([review, trouble].map((state) => isAccepted(change(state)))).toEqual([true, true]);
});

test("a change that was merged after its review is in force, as far as Git says so now", () => {
  const review = change({ end: "succeeded", commit: "abc", branch: "b", outcomes: [success] });
  const word = (policy: Record<string, string>, add: Record<string, string>, remove: string[] = []) =>
    changeOf({ ...review, updates: [{ workload: cart, add, remove }] }, cart, {
      policy,
      containers: [{ container: "web", init: false, image: "x", version: { tag: "1" }, running: [] }],
    })?.word;
  expect(word({ automated: "true" }, { automated: "true" })).toBe("in force");
  expect(word({}, { automated: "true" })).toBe("sent for review");
  expect(word({ "tag.web": "semver:1" }, { tag_all: "semver:1" })).toBe("in force");
  expect(word({ locked: "true" }, {}, ["locked"])).toBe("sent for review");
  expect(word({}, {}, ["locked", "tag_all"])).toBe("in force");
});

test("a change shows its commit, what it says, and nothing of workloads it does not name", () => {
  const written = changeOf(change({ end: "succeeded", commit: "abc", outcomes: [success] }), cart, undefined);
  expect(written).toMatchObject({ word: "written", commit: "abc", what: ["Automation may move it."] });
  expect(changeOf(change({ step: "queued" }), "shop:deployment/pay", undefined)).toBeUndefined();
});

test("of a commit that changed others, a workload that failed tells its own reason", () => {
  const failed = { workload: cart, status: "failed", text: "its file is broken" } as const;
  expect(looks({ end: "succeeded", commit: "abc", outcomes: [failed] })).toMatchObject({
    sign: "failed",
    note: "its file is broken",
  });
  expect(looks({ end: "failed", reason: "no such branch", outcomes: [] })).toMatchObject({ note: "no such branch" });
  expect(looks({ end: "nothing to do", outcomes: [] })).toMatchObject({ sign: "ended" });
});
