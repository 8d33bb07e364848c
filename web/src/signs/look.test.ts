import { expect, test } from "vitest";
import type { Verdict } from "../../../src/model/verdict.ts";
import type { CellView } from "../../../src/model/views.ts";
import { cellLook, standsSince } from "./look.ts";

const verdict = (state: Verdict["state"], more: Partial<Verdict> = {}): Verdict => ({
  state,
  message: state,
  since: 1_000,
  desired: 3,
  updated: 3,
  ready: 3,
  available: 3,
  evidence: [],
  ...more,
});
const cell = (more: Partial<CellView> = {}): CellView => ({
  environment: "dev",
  workload: "shop:deployment/cart",
  file: "cart.yaml",
  line: 1,
  containers: [],
  verdict: verdict("healthy"),
  drift: [],
  automated: false,
  policy: {},
  holds: [],
  ...more,
});
const evidence = [{ object: "Pod cart-1", reason: "ErrImagePull", message: "manifest unknown", since: 0 }];

test("while the agent is away nothing looks healthy, whatever was seen last", () => {
  const look = cellLook(cell({ verdict: verdict("unknown"), lastKnown: verdict("healthy") }), 5_000);
  expect([look.sign, look.stale, look.line]).toEqual(["unknown", true, "last seen healthy"]);
});

test("trouble shows its first evidence, also before it counts as failed", () => {
  for (const state of ["failed", "rolling out"] as const) {
    const look = cellLook(cell({ verdict: verdict(state, { evidence }) }), 5_000);
    expect([look.sign, look.line, look.lineTone]).toEqual(["failed", "ErrImagePull: manifest unknown", "failed"]);
  }
});

test("drift is told before a lock, a lock before what waits", () => {
  const locked = { by: "ana", message: "audit" };
  const drift = [{ field: "spec.replicas", git: "3", live: "5" }];
  expect(cellLook(cell({ locked, drift }), 0).line).toBe("replicas: Git 3, live 5");
  const gone = [{ field: "", git: "present", live: "deleted" }];
  expect(cellLook(cell({ drift: gone }), 0).line).toBe("Git present, live deleted");
  expect(cellLook(cell({ locked }), 0).line).toBe("locked by ana: audit");
});

test("a version that waits for a person says so", () => {
  const next = { workload: "w", container: "c", status: "change" as const, toVersion: { tag: "1.8.2" } };
  const container = { container: "c", init: false, image: "x", version: { tag: "1.8.1" }, running: [], next };
  expect(cellLook(cell({ containers: [container] }), 0).line).toBe("1.8.2 waits for a person");
});

test("the age counts from the verification while it is fine, and from the trouble otherwise", () => {
  expect(standsSince(cell({ verifiedAt: 500 }))).toBe(500);
  expect(standsSince(cell({ verifiedAt: 500, verdict: verdict("failed") }))).toBe(1_000);
});

test("a rollout counts the new pods, for those of the old version are ready too", () => {
  const line = (more: Partial<Verdict>) => cellLook(cell({ verdict: verdict("rolling out", more) }), 2_000).line;
  expect(line({ updated: 1, ready: 3 })).toBe("rolling out, 1 of 3 new");
  expect(line({ updated: 3, ready: 2 })).toBe("rolling out, 2 of 3 ready");
});
