import fc from "fast-check";
import { expect, test } from "vitest";
import { nextAfter, parseSchedule } from "./schedule.ts";

function next(text: string, after: string): string | undefined {
  const at = nextAfter(parseSchedule(text)!, Date.parse(after));
  return at === undefined ? undefined : new Date(at).toISOString().slice(0, 16);
}

test.each([
  ["*/5 * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:05"],
  ["*/5 * * * *", "2026-01-01T00:04:59Z", "2026-01-01T00:05"],
  ["30 3 * * *", "2026-01-01T03:30:00Z", "2026-01-02T03:30"],
  ["0 0 1 1 *", "2026-01-01T00:00:00Z", "2027-01-01T00:00"],
  ["0 9-17/4 * * mon-fri", "2026-01-02T17:00:00Z", "2026-01-05T09:00"],
  ["0 0 13 * 5", "2026-01-01T00:00:00Z", "2026-01-02T00:00"],
  ["0 0 * * 7", "2026-01-01T00:00:00Z", "2026-01-04T00:00"],
  ["15,45 * * feb *", "2026-01-31T23:59:00Z", "2026-02-01T00:15"],
  ["0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00"],
  ["@hourly", "2026-01-01T00:00:00Z", "2026-01-01T01:00"],
  ["0 0 31 2 *", "2026-01-01T00:00:00Z", undefined],
])("%s after %s fires at %s", (text, after, expected) => {
  expect(next(text, after)).toBe(expected);
});

test.each(["", "* * * *", "60 * * * *", "* 24 * * *", "a * * * *", "5-1 * * * *", "*/0 * * * *", "@never"])(
  "%j is no schedule",
  (text) => {
    expect(parseSchedule(text)).toBeUndefined();
  },
);

test("the next time is later, a whole minute, and there is none between", () => {
  const times = fc.integer({ min: 0, max: 4e12 });
  fc.assert(
    fc.property(times, fc.integer({ min: 1, max: 59 }), (after, step) => {
      const schedule = parseSchedule(`*/${step} * * * *`)!;
      const at = nextAfter(schedule, after)!;
      expect(at).toBeGreaterThan(after);
      expect(at % 60_000).toBe(0);
      expect(nextAfter(schedule, at - 1)).toBe(at);
      expect(at - after).toBeLessThanOrEqual(step * 60_000);
    }),
  );
});
