import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { GateResult } from "../model/gate.ts";
import {
  commitOf,
  hasEnded,
  type Release,
  type ReleaseChange,
  type ReleaseState,
  stateWord,
} from "../model/release.ts";
import type { Verdict } from "../model/verdict.ts";
import { type ChangeFacts, hasWritten, nextStep, type ReleaseFacts, type ReviewFacts } from "./step.ts";

function change(container: string, outcome: ReleaseChange["outcome"] = { kind: "written" }): ReleaseChange {
  return {
    workload: "shop:deployment/cart",
    container,
    from: "cart:1",
    to: "cart:2",
    fromVersion: { tag: "1" },
    toVersion: { tag: "2" },
    outcome,
  };
}
function release(state: ReleaseState, changes: readonly ReleaseChange[] = [change("a")]): Release {
  return {
    id: "r-7f3k/prod",
    promotion: "r-7f3k",
    environment: "prod",
    position: 0,
    state,
    changes,
    timeline: [],
    revision: 0,
  };
}
function verdict(state: Verdict["state"], extra: Partial<Verdict> = {}): Verdict {
  const pods = { desired: 1, updated: 1, ready: 1, available: 1 };
  return { state, message: `it is ${state}`, since: 0, evidence: [], ...pods, ...extra };
}
const ours = { image: "cart:2", by: "r-7f3k/prod" };
const good: ChangeFacts = {
  inGit: ours,
  live: { image: "cart:2", running: ["cart:2"], verdict: verdict("healthy") },
  problem: undefined,
};
function facts(extra: Partial<ReleaseFacts> = {}): ReleaseFacts {
  return { now: 9, gates: [], behind: undefined, attempted: true, changeFacts: () => good, ...extra };
}
const gate = (state: GateResult["state"]): GateResult => ({
  gate: "soak",
  state,
  reason: `soak ${state}`,
  evidence: [],
});
const followed = { step: "rolling out", commit: "abc" } as const;

describe("before the commit", () => {
  test("a planned release goes through its gates to writing", () => {
    expect(nextStep(release({ step: "planned" }), facts())).toEqual({
      do: "enter",
      state: { step: "gated", gates: [] },
    });
    expect(nextStep(release({ step: "gated", gates: [] }), facts())).toEqual({ do: "write" });
    expect(nextStep(release({ step: "writing", base: "abc" }), facts())).toEqual({ do: "write" });
  });

  test("a gate that waits is written down once, and a refusal ends the release with the gate's reason", () => {
    const waiting = { gates: [gate("open"), gate("waiting")] };
    const entered = nextStep(release({ step: "gated", gates: [] }), facts(waiting));
    expect(entered).toEqual({ do: "enter", state: { step: "gated", ...waiting } });
    expect(nextStep(release({ step: "gated", ...waiting }), facts(waiting))).toEqual({ do: "wait" });
    expect(nextStep(release({ step: "gated", ...waiting }), facts({ gates: [gate("refused")] }))).toMatchObject({
      state: { end: "failed", reason: "soak refused" },
    });
    expect(nextStep(release({ step: "gated", gates: [] }), facts({ gates: [gate("error")] })).do).toBe("enter");
  });

  test("the second of a sequence waits for the first, and is not started when that never succeeds", () => {
    const behind = { release: "r-7f3k/eu" };
    const queued = release({ step: "queued", behind: "r-7f3k/eu" });
    expect(nextStep(release({ step: "gated", gates: [] }), facts({ behind }))).toMatchObject({
      state: { step: "queued", behind: "r-7f3k/eu" },
    });
    expect(nextStep(queued, facts({ behind }))).toEqual({ do: "wait" });
    expect(nextStep(queued, facts())).toEqual({ do: "write" });
    for (const end of ["failed", "superseded", "aborted"]) {
      const broken = { broken: `eu ended ${end}, so prod was not started` };
      expect(nextStep(queued, facts({ behind: broken }))).toEqual({
        do: "enter",
        state: { end: "aborted", reason: broken.broken },
      });
    }
  });

  test("a gate that closed while a release waited for its turn holds it", () => {
    const queued = release({ step: "queued", behind: "r-7f3k/eu" });
    expect(nextStep(queued, facts({ gates: [gate("waiting")] }))).toMatchObject({ state: { step: "gated" } });
  });
});

describe("after the commit", () => {
  test("it waits for the agent, then for every pod, and succeeds when all is verified", () => {
    const pushed = release({ step: "pushed", commit: "abc" });
    expect(nextStep(pushed, facts())).toEqual({ do: "enter", state: { step: "syncing", commit: "abc" } });
    const syncing = release({ step: "syncing", commit: "abc" });
    expect(nextStep(syncing, facts({ attempted: false }))).toEqual({ do: "wait" });
    const live = { image: "cart:2", running: [], verdict: verdict("rolling out") };
    expect(nextStep(syncing, facts({ changeFacts: () => ({ ...good, live }) }))).toMatchObject({
      state: { step: "rolling out", commit: "abc" },
    });
    const settling = { ...live, verdict: verdict("rolling out", { settlesAt: 12 }) };
    expect(nextStep(syncing, facts({ changeFacts: () => ({ ...good, live: settling }) }))).toMatchObject({
      state: { step: "verifying" },
    });
    expect(nextStep(syncing, facts())).toMatchObject({
      state: { end: "succeeded", commit: "abc" },
      changes: [{ outcome: { kind: "verified", at: 9 } }],
    });
  });

  test("one verified container does not keep writing while another rolls out", () => {
    const changes = [change("a", { kind: "verified", at: 5 }), change("b")];
    const live = { image: "cart:1", running: [], verdict: verdict("rolling out") };
    const changeFacts = ({ container }: ReleaseChange) => (container === "a" ? good : { ...good, live });
    expect(nextStep(release(followed, changes), facts({ changeFacts }))).toEqual({ do: "wait" });
  });

  test("a failed verdict and an object that cannot be applied end it, with evidence", () => {
    const evidence = [{ object: "Pod cart-1", reason: "CrashLoopBackOff", message: "exit 1", since: 1 }];
    const failed = { image: "cart:2", running: [], verdict: verdict("failed", { evidence }) };
    expect(nextStep(release(followed), facts({ changeFacts: () => ({ ...good, live: failed }) }))).toMatchObject({
      state: { end: "failed", commit: "abc", reason: "shop:deployment/cart: it is failed", evidence },
    });
    const problem = { message: "field is immutable" };
    expect(nextStep(release(followed), facts({ changeFacts: () => ({ ...good, problem }) }))).toMatchObject({
      state: { end: "failed", reason: "shop:deployment/cart could not be applied: field is immutable" },
    });
  });

  test("superseding is per container: only when every change was taken over is the release superseded", () => {
    const taken = { ...good, inGit: { image: "cart:3", by: "r-9x2a/prod" } };
    const changes = [change("a"), change("b")];
    const changeFacts = ({ container }: ReleaseChange) => (container === "a" ? taken : good);
    expect(nextStep(release(followed, changes), facts({ changeFacts }))).toMatchObject({
      state: { end: "succeeded" },
      changes: [{ outcome: { kind: "superseded", by: "r-9x2a/prod" } }, { outcome: { kind: "verified" } }],
    });
    expect(nextStep(release(followed, changes), facts({ changeFacts: () => taken }))).toMatchObject({
      state: { end: "superseded", reason: "everything it changed was changed again by r-9x2a/prod" },
    });
    const removed = { ...good, inGit: undefined };
    expect(nextStep(release(followed), facts({ changeFacts: () => removed }))).toMatchObject({
      state: { end: "superseded", commit: "abc" },
    });
  });

  test("a file that cannot be read any more takes nothing over", () => {
    const live = { image: "cart:2", running: [], verdict: verdict("rolling out") };
    const unreadable = { inGit: undefined, unreadable: "cart.yaml line 3: a tab", live, problem: undefined };
    expect(nextStep(release(followed), facts({ changeFacts: () => unreadable }))).toEqual({ do: "wait" });
  });

  test("a release does not go back to syncing when its agent goes away", () => {
    expect(nextStep(release(followed), facts({ attempted: false }))).toEqual({ do: "wait" });
  });
});

describe("in review", () => {
  const state = { step: "in review", commit: "abc", branch: "sluice/prod" } as const;
  const open = (takers: Readonly<Record<string, string>> = {}): ReviewFacts => ({
    kind: "open",
    overtaken: ({ container }) => takers[container],
  });
  const step = (review: ReviewFacts, changes = [change("a"), change("b")]) =>
    nextStep(release(state, changes), facts({ review }));

  test("it waits, and has written nothing to the branch applied yet", () => {
    expect(step(open())).toEqual({ do: "wait" });
    expect(hasWritten(release(state))).toBe(false);
    expect(hasWritten(release({ step: "pushed", commit: "abc" }))).toBe(true);
  });

  test("merged, it goes on with the commit of the branch applied", () => {
    expect(step({ kind: "merged", commit: "def" })).toEqual({ do: "enter", state: { step: "pushed", commit: "def" } });
  });

  test("turned down, it ends without a commit and with nothing written", () => {
    expect(step({ kind: "gone", reason: "sluice/prod is gone" })).toMatchObject({
      state: { end: "aborted", reason: "sluice/prod is gone" },
      changes: [{ outcome: { kind: "pending" } }, { outcome: { kind: "pending" } }],
    });
  });

  test("a later release on the same branch takes single containers over; the rest is waited for", () => {
    const decision = step(open({ a: "r-9x2a/prod" }));
    expect(decision).toMatchObject({
      state,
      changes: [{ outcome: { kind: "superseded", by: "r-9x2a/prod" } }, { outcome: { kind: "written" } }],
    });
    expect(step(open({ a: "r-9x2a/prod", b: "r-9x2a/prod" }))).toMatchObject({
      state: { end: "superseded", reason: "everything it changed was changed again by r-9x2a/prod" },
    });
  });
});

const verdicts = fc.constantFrom<Verdict>(
  verdict("healthy"),
  verdict("applied"),
  verdict("rolling out"),
  verdict("rolling out", { settlesAt: 5 }),
  verdict("failed"),
);
const changeFacts: fc.Arbitrary<ChangeFacts> = fc.record({
  inGit: fc.oneof(
    { weight: 8, arbitrary: fc.constant(ours) },
    fc.constant({ image: "cart:3", by: "another" }),
    fc.constant(undefined),
  ),
  unreadable: fc.constantFrom(undefined, undefined, "a.yaml: broken"),
  live: fc.option(
    fc.record({ image: fc.constantFrom("cart:1", "cart:2"), running: fc.constant([]), verdict: verdicts }),
    {
      nil: undefined,
    },
  ),
  problem: fc.constantFrom(undefined, undefined, undefined, { message: "no" }),
});
const anyFacts = fc
  .record({
    now: fc.nat(),
    gates: fc.constantFrom<GateResult[]>([], [gate("open")], [gate("waiting")], [gate("refused")]),
    behind: fc.constantFrom(undefined, { release: "r-7f3k/eu" }, { broken: "eu failed" }),
    attempted: fc.boolean(),
    review: fc.oneof(
      fc.constantFrom<(string | undefined)[]>([undefined, undefined], ["r-9x2a/prod", undefined]).map(
        ([first]): ReviewFacts => ({
          kind: "open",
          overtaken: ({ container }) => (container === "a" ? first : undefined),
        }),
      ),
      fc.constantFrom<ReviewFacts>({ kind: "merged", commit: "ghi" }, { kind: "gone", reason: "it is gone" }),
    ),
    each: fc.tuple(changeFacts, changeFacts),
  })
  .map(
    ({ each, ...rest }): ReleaseFacts => ({ ...rest, changeFacts: ({ container }) => each[container === "a" ? 0 : 1] }),
  );

/** What may follow each step, as drawn in model/release.ts. */
const followers: Readonly<Record<string, readonly string[]>> = {
  planned: ["gated"],
  gated: ["gated", "queued", "writing", "failed", "aborted"],
  queued: ["queued", "gated", "writing", "failed", "aborted"],
  writing: ["in review", "pushed", "nothing to do"],
  "in review": ["in review", "pushed", "superseded", "aborted"],
  pushed: ["syncing"],
  syncing: ["syncing", "rolling out", "verifying", "succeeded", "failed", "superseded"],
  "rolling out": ["rolling out", "verifying", "succeeded", "failed", "superseded"],
  verifying: ["rolling out", "verifying", "succeeded", "failed", "superseded"],
};

test("whatever the facts, a release follows the drawing, writes once, and ends truly", () => {
  fc.assert(
    fc.property(fc.array(anyFacts, { maxLength: 40 }), fc.boolean(), fc.boolean(), (story, something, reviewed) => {
      let now = release({ step: "planned" }, [change("a", { kind: "pending" }), change("b", { kind: "pending" })]);
      let commits = 0;
      for (const seen of story) {
        const before = now.state;
        const decision = nextStep(now, seen);
        if (hasEnded(before)) {
          expect(decision).toEqual({ do: "wait" });
          continue;
        }
        if (decision.do === "wait") continue;
        if (decision.do === "write") {
          expect(hasWritten(now) || stateWord(before) === "in review").toBe(false);
          if (!("step" in before) || before.step !== "writing") {
            expect(seen.behind).toBeUndefined();
            expect(seen.gates.every((entry) => entry.state === "open")).toBe(true);
            now = { ...now, state: { step: "writing", base: "abc" } };
            continue;
          }
          commits += something ? 1 : 0;
          const written: ReleaseState = reviewed
            ? { step: "in review", commit: "def", branch: "review" }
            : { step: "pushed", commit: "def" };
          const changes = now.changes.map((entry) => ({ ...entry, outcome: { kind: "written" } as const }));
          now = something
            ? { ...now, state: written, changes }
            : { ...now, state: { end: "nothing to do", reason: "there" } };
          continue;
        }
        const { state } = decision;
        expect(followers[stateWord(before)]).toContain(stateWord(state));
        expect(decision.state).not.toBe(before);
        if (hasWritten(now)) expect(commitOf(state)).toBe(commitOf(before));
        now = { ...now, state, changes: decision.changes ?? now.changes };
        const kinds = now.changes.map((entry) => entry.outcome.kind);
        if (stateWord(state) === "superseded") expect(new Set(kinds)).toEqual(new Set(["superseded"]));
        if (stateWord(state) === "succeeded") {
          expect(kinds).toContain("verified");
          for (const kind of kinds) expect(["verified", "superseded"]).toContain(kind);
        }
        // Asked again with the same facts and a later clock, it has nothing more to write about the same step.
        const again = nextStep(now, { ...seen, now: seen.now + 1_000 });
        if (again.do === "enter" && stateWord(again.state) === stateWord(state))
          expect(again.changes).not.toEqual(now.changes);
      }
      expect(commits).toBeLessThanOrEqual(1);
    }),
    { numRuns: 1_000 },
  );
});

test("the same facts always lead to rest: no release is written down for ever", () => {
  fc.assert(
    fc.property(anyFacts, (seen) => {
      let now = release({ step: "syncing", commit: "abc" }, [change("a"), change("b")]);
      for (let turn = 0; turn < 5; turn++) {
        const decision = nextStep(now, { ...seen, now: seen.now + turn });
        if (decision.do === "wait") return;
        if (decision.do === "enter") now = { ...now, state: decision.state, changes: decision.changes ?? now.changes };
      }
      throw new Error(`it was still moving in ${stateWord(now.state)}`);
    }),
    { numRuns: 500 },
  );
});
