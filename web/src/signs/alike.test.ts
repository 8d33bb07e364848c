import { expect, test } from "vitest";
import { alike } from "./alike.ts";

test("pods with the same trouble are one sentence with a count, other trouble stays its own", () => {
  const entries = [
    "back-off 4s restarting pod=frontend-pbnd95ws9-k7th9",
    "back-off 8s restarting pod=frontend-pbnd95ws9-x2x2x",
    "cannot pull image",
  ];
  expect(alike(entries, (text) => text).map(({ first, more }) => [first, more])).toEqual([
    [entries[0], 1],
    [entries[2], 0],
  ]);
});
