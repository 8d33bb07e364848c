import { expect, test } from "vitest";
import { personName } from "./person.ts";

test.each([
  ["Ana <ana@shop.example>", "Ana"],
  ["Ana Lopez", "Ana Lopez"],
  ["<ana@shop.example>", "ana@shop.example"],
  ["you", "you"],
])("%s is shown as %s", (who, shown) => {
  expect(personName(who)).toBe(shown);
});
