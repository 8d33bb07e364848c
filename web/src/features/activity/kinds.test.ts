import { expect, test } from "vitest";
import { eventSign, kindOf } from "./kinds.ts";

const sign = (type: string, text = "") => eventSign({ type, text });

test("trouble, drift and a change of hands have signs of their own", () => {
  expect(sign("release.trouble")).toBe("failed");
  expect(sign("workload.failed")).toBe("failed");
  expect(sign("workload.drifted")).toBe("drifted");
  expect([sign("workload.mended"), sign("workload.healthy")]).toEqual(["healthy", "healthy"]);
  expect(sign("agent.taken-over")).toBe("unknown");
});

test("steps of a release move, and its end has the sign of how it ended", () => {
  expect([sign("release.progress"), sign("release.rolling-out")]).toEqual(["rolling", "rolling"]);
  expect([sign("release.rolled-back"), sign("release.rolled back")]).toEqual(["ended", "ended"]);
  expect(sign("promotion.ended", "r-1 ended: failed")).toBe("failed");
  expect(sign("promotion.ended", "r-1 ended: rolled back")).toBe("ended");
});

test("a tag that cannot be read is trouble, and a list that lost tags keeps automation waiting", () => {
  expect([sign("image.unreadable"), sign("image.tags-missing"), sign("image.tags-accepted")]).toEqual([
    "failed",
    "waiting",
    "applied",
  ]);
  expect([sign("policy.trouble"), sign("policy.failed"), sign("policy.locked")]).toEqual([
    "failed",
    "failed",
    "locked",
  ]);
  expect(sign("release.in-review")).toBe("waiting");
});

test("every event has a kind to filter by", () => {
  expect(["configuration.problem", "workload.drifted", "image.pushed"].map((type) => kindOf({ type }))).toEqual([
    "configuration",
    "workload",
    "image",
  ]);
  expect(kindOf({ type: "prune.confirmed" })).toBe("other");
});
