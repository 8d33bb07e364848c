import { expect, test } from "vitest";
import { track } from "./track.ts";

const words = (stops: ReturnType<typeof track>) => stops.map((stop) => `${stop.kind} ${stop.word}`);

test("a release on its way shows what it passed, where it is and what is still before it", () => {
  const stops = track({
    state: { step: "syncing", commit: "abc" },
    timeline: [
      { step: "planned", at: 0 },
      { step: "gated", at: 10 },
      { step: "writing", at: 20 },
      { step: "pushed", at: 220, commit: "abc" },
      { step: "syncing", at: 230, commit: "abc" },
    ],
  });
  expect(words(stops)).toEqual([
    "done Planned",
    "done Gates",
    "done Commit",
    "now Syncing",
    "next Rolling out",
    "next Settling",
    "next Verified",
  ]);
  expect(stops[1]?.duration).toBe(210);
  expect(stops[2]?.commit).toBe("abc");
});

test("a release in review shows the commit that waits there", () => {
  const stops = track({
    state: { step: "in review", commit: "abc", branch: "sluice/r-1/dev" },
    timeline: [
      { step: "planned", at: 0 },
      { step: "in review", at: 20, commit: "abc" },
    ],
  });
  expect(stops.find((stop) => stop.kind === "now")).toMatchObject({ word: "Review", commit: "abc" });
});

test("a finished release ends with its end and promises nothing more", () => {
  const failed = track({
    state: { end: "failed", reason: "no", evidence: [] },
    timeline: [
      { step: "planned", at: 0 },
      { step: "failed", at: 5 },
    ],
  });
  expect(words(failed)).toEqual(["done Planned", "bad Failed"]);
  const good = track({ state: { end: "succeeded", commit: "a" }, timeline: [{ step: "succeeded", at: 5 }] });
  expect(words(good)).toEqual(["good Verified"]);
});
