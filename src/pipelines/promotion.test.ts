import { expect, test } from "vitest";
import type { Promotion, Release, ReleaseState } from "../model/release.ts";
import { promotionState, settlePromotion } from "./promotion.ts";

const states: Record<string, ReleaseState> = {
  failed: { end: "failed", reason: "x", evidence: [] },
  aborted: { end: "aborted", reason: "x" },
  succeeded: { end: "succeeded", commit: "c" },
  superseded: { end: "superseded", reason: "x" },
  nothing: { end: "nothing to do", reason: "x" },
  rolling: { step: "rolling out", commit: "c" },
  passing: { step: "gated", gates: [{ gate: "soak", state: "open", reason: "", evidence: [] }] },
  waiting: { step: "gated", gates: [{ gate: "soak", state: "waiting", reason: "", evidence: [] }] },
};
function releases(...names: string[]): Release[] {
  return names.map((name, position) => ({
    id: `r-1/${position}`,
    promotion: "r-1",
    environment: String(position),
    position,
    state: states[name]!,
    changes: [],
    timeline: [],
    revision: 0,
  }));
}

test.each([
  [["succeeded", "succeeded"], "succeeded"],
  [["succeeded", "failed"], "failed"],
  [["failed", "aborted"], "failed"],
  [["succeeded", "nothing"], "succeeded"],
  [["nothing", "nothing"], "nothing to do"],
  [["succeeded", "superseded"], "superseded"],
  [["failed", "rolling"], "under way"],
  [["passing"], "under way"],
  [["succeeded", "waiting"], "waiting"],
  [[], "nothing to do"],
])("releases that are %j make a promotion that is %s", (names, state) => {
  expect(promotionState(releases(...names))).toBe(state);
});

const promotion: Promotion = {
  id: "r-1",
  source: { kind: "registry" },
  target: { kind: "environment", environment: "0" },
  by: { name: "Ana", kind: "person" },
  message: "",
  createdAt: 1,
  state: "under way",
};

test("a promotion ends when its last release does, once, and opens again when one goes on", () => {
  expect(settlePromotion(promotion, releases("rolling"), 5)).toBe(promotion);
  const ended = settlePromotion(promotion, releases("succeeded"), 5);
  expect(ended).toMatchObject({ state: "succeeded", endedAt: 5 });
  expect(settlePromotion(ended, releases("succeeded"), 9)).toBe(ended);
  expect(settlePromotion(ended, releases("rolling"), 9)).toEqual(promotion);
});
