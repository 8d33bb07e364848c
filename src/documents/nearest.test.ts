import { expect, test } from "vitest";
import { nearest } from "./nearest.ts";

test("a mistyped word finds the one that was meant, whatever its case", () => {
  expect(nearest("enviroments", ["environment", "environments", "from"])).toBe("environments");
  expect(nearest("Promote", ["promote"])).toBe("promote");
});

test("a word that is like none finds none", () => {
  expect(nearest("x", ["environments"])).toBeUndefined();
  expect(nearest("anything", [])).toBeUndefined();
});
