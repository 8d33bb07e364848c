import { expect, test } from "vitest";
import { authorOf, personName, readIdentity, sluiceIdentity } from "./identity.ts";
import { automation } from "./source.ts";

const person = (name: string) => authorOf({ name, kind: "person" });

test("the author is the person, with the address where the name holds one", () => {
  expect(person("Ada Lovelace <ada@example.org>")).toEqual({ name: "Ada Lovelace", email: "ada@example.org" });
  expect(person("ada@example.org")).toEqual({ name: "ada@example.org", email: "ada@example.org" });
  expect(person("ana")).toEqual({ name: "ana", email: sluiceIdentity.email });
  expect(person("ana <not an address>")).toEqual({ name: "ana <not an address>", email: sluiceIdentity.email });
});

test("what automation does is Sluice's own", () => {
  expect(authorOf(automation)).toEqual(sluiceIdentity);
});

test("an identity is a name and an address, and nothing else is one", () => {
  expect(readIdentity(" Sluice Bot  <bot@example.org> ")).toEqual({ name: "Sluice Bot", email: "bot@example.org" });
  for (const text of ["", "Sluice", "<bot@example.org>", "Sluice <bot>", "Sluice <a@b> <c@d>"])
    expect(readIdentity(text)).toBeUndefined();
});

test.each([
  ["Ana <ana@shop.example>", "Ana"],
  ["Ana Lopez", "Ana Lopez"],
  ["<ana@shop.example>", "ana@shop.example"],
  ["you", "you"],
])("%s is shown as %s", (who, shown) => {
  expect(personName(who)).toBe(shown);
});
