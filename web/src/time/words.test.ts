import { expect, test } from "vitest";
import { showAge, showClock, showSpan } from "./words.ts";

test("ages have one unit and are never negative", () => {
  expect([-5_000, 0, 59_999, 60_000, 7_200_000, 86_400_000, 6 * 86_400_000].map(showAge)).toEqual([
    "0 s",
    "0 s",
    "59 s",
    "1 m",
    "2 h",
    "24 h",
    "6 d",
  ]);
});

test("spans tell tenths only while they matter", () => {
  expect([210, 4_120, 50_000, 110_000, 7_500_000].map(showSpan)).toEqual([
    "0.2 s",
    "4.1 s",
    "50 s",
    "1 m 50 s",
    "2 h 5 m",
  ]);
});

test("a time of another day says the day", () => {
  const now = new Date(2026, 4, 9, 18, 0).getTime();
  expect(showClock(new Date(2026, 4, 9, 14, 2).getTime(), now)).toBe("14:02");
  expect(showClock(new Date(2026, 4, 8, 14, 2).getTime(), now)).toBe("8 May 14:02");
});
