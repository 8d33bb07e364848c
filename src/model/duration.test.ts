import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDuration, showDuration } from "./duration.ts";

test.each([
  ["500ms", 500],
  ["10s", 10_000],
  ["1h30m", 5_400_000],
  ["2d", 172_800_000],
  ["0s", 0],
])("%s is %d ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(["", "10", "s", "1.5h", "-1s", "10 s", "1h 30m", "10S", "1w", "99999999999999d"])(
  "%j is no duration",
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

test.each([
  [-5, "0 ms"],
  [850, "850 ms"],
  [12_000, "12 s"],
  [59_999, "1 m"],
  [110_000, "1 m 50 s"],
  [7_500_000, "2 h 5 m"],
  [259_200_000, "3 d"],
])("%d ms is shown as %s", (ms, text) => {
  expect(showDuration(ms)).toBe(text);
});

test("parts of a duration add up", () => {
  fc.assert(
    fc.property(fc.nat(1_000), fc.nat(1_000), (minutes, seconds) => {
      expect(parseDuration(`${minutes}m${seconds}s`)).toBe(minutes * 60_000 + seconds * 1_000);
    }),
  );
});
