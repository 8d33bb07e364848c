import { expect, test } from "vitest";
import type { ReleaseChangeView } from "../../../../src/model/views.ts";
import { changeLook } from "./changeLook.ts";

const change = (more: Partial<ReleaseChangeView>): ReleaseChangeView => ({
  workload: "shop:deployment/cart",
  container: "cart",
  from: { tag: "1" },
  to: { tag: "2" },
  outcome: { kind: "written" },
  ...more,
});
const verdict = {
  state: "rolling out" as const,
  message: "",
  since: 0,
  desired: 4,
  updated: 2,
  ready: 3,
  available: 3,
  evidence: [],
};

test("progress counts only pods that are new and ready", () => {
  const look = changeLook(change({ verdict }), { step: "rolling out", commit: "c" });
  expect([look.progress, look.word]).toEqual([0.5, "3 of 4 ready"]);
});

test("a change in review has got nowhere yet, however healthy the old version is", () => {
  const healthy = { ...verdict, state: "healthy" as const, updated: 4, ready: 4 };
  const look = changeLook(change({ verdict: healthy }), { step: "in review", commit: "c", branch: "b" });
  expect([look.sign, look.word, look.progress]).toEqual(["waiting", "in review", 0]);
});

test("the old version's health is not shown as progress before the agent has applied the commit", () => {
  const look = changeLook(change({ verdict: { ...verdict, state: "healthy", updated: 4, ready: 4 } }), {
    step: "syncing",
    commit: "c",
  });
  expect(look.progress).toBe(0);
});

test("trouble shows its reason at once, before it counts as failed", () => {
  const evidence = [{ object: "Pod x", reason: "ErrImagePull", message: "no", since: 0 }];
  const look = changeLook(change({ verdict: { ...verdict, evidence } }), { step: "rolling out", commit: "c" });
  expect([look.sign, look.word]).toEqual(["failed", "ErrImagePull"]);
});

test("what another release took over says so", () => {
  const look = changeLook(change({ outcome: { kind: "superseded", by: "r-2/dev" } }), {
    end: "superseded",
    reason: "",
  });
  expect(look.note).toContain("r-2/dev");
});

test("a failed container says its reason only where nothing around it says the same", () => {
  const failed = (reason: string) => change({ outcome: { kind: "failed", reason } });
  const seen = { object: "pod cart-1", reason: "CrashLoopBackOff", message: "back-off 8s of cart-1", since: 0 };
  const state = { end: "failed" as const, reason: "shop:deployment/cart: CrashLoopBackOff: back-off 8s of cart-1" };
  const withEvidence = { ...state, evidence: [seen] };
  const note = (reason: string, around: Parameters<typeof changeLook>[1]) => changeLook(failed(reason), around).note;
  expect(note(state.reason, withEvidence)).toBeUndefined();
  expect(note(state.reason, { ...state, evidence: [] })).toBeUndefined();
  expect(note("shop:deployment/cart could not be applied: no", withEvidence)).toContain("could not be applied");
});
