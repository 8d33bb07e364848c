import fc from "fast-check";
import { expect, test } from "vitest";
import { compileExpression } from "./expression.ts";
import { parseFilter } from "./filter.ts";

const bombs = [
  "(a{1000}){1000}",
  "((a{100}){100}){100}",
  `(${"a".repeat(900)}){1000}`,
  "(.{0,999}x){0,1}".repeat(50),
  "(?i:\\PL{500})".repeat(60),
  "((((a?){1000})))",
  "[ab]*a[ab]{200}$",
  "(a?)".repeat(240),
  "x{99999999999999999999}",
  "(".repeat(999),
  "[".repeat(999),
  "a**".repeat(300),
  "\\".repeat(999),
];

test.each(bombs.map((bomb) => [bomb.slice(0, 24), bomb]))("%s... is refused before it is built", (_, bomb) => {
  const found = compileExpression(bomb!);
  expect("problem" in found).toBe(true);
  for (const kind of ["regexp", "numerical", "alphabetical:desc"]) {
    const result = parseFilter(`${kind}:${bomb}`);
    expect(result.ok ? "" : result.reason).toMatch(/is no filter: |is longer than/);
  }
});

test.each([
  "^main-[0-9a-f]{7,40}-(\\d+)$",
  "^\\d{4}-\\d{2}-\\d{2}T\\d{2}\\d{2}\\d{2}Z-[a-f0-9]{40}$",
  "^(?:release|hotfix)/v?(?P<major>\\d+)\\.(?P<minor>\\d+)(?:\\.\\d+)?(?:-rc\\.\\d{1,3})?$",
  "^(.*a.*){20}b$",
  "(x+x+)+y",
  `^(?:${"release-candidate|".repeat(40)}x)$`,
  "[[:alpha:]]{3}[]^-]{0,5}[^\\]]",
])("%s is no bomb", (pattern) => {
  expect(compileExpression(pattern)).toHaveProperty("groups");
});

test("an expression at the limit still looks through many tags", () => {
  const found = compileExpression("((?:a?){45})a{60}$");
  if ("problem" in found) throw new Error(found.problem);
  for (let index = 0; index < 2_000; index++) expect(found.matches(`${"a".repeat(100)}${index}`)).toBe(false);
});

test("whatever stands in an expression, it is compiled or refused with a reason, never thrown over", () => {
  const token = fc.constantFrom(
    "a",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "{2}",
    "{1,30}",
    "{,3}",
    "?",
    "*",
    "+",
    "|",
    "\\",
    "^",
    "$",
    ".",
    "(?:",
    "(?P<n>",
    "\\d",
    "\\Q",
    "\ud800",
    "é",
    "😀",
  );
  fc.assert(
    fc.property(fc.array(token, { maxLength: 20 }), (tokens) => {
      const found = compileExpression(tokens.join(""));
      if ("problem" in found) expect(found.problem).not.toBe("");
      else expect(typeof found.matches("a1")).toBe("boolean");
    }),
    { numRuns: 500 },
  );
});

test("an extract takes groups by number and by name, and nothing where nothing matches", () => {
  const found = compileExpression("^(?P<app>[a-z]+)-(\\d+)$");
  if ("problem" in found) throw new Error(found.problem);
  expect(found.expand("$2", "web-7")).toBe("7");
  expect(found.expand(`\${app}.$2`, "web-7")).toBe("web.7");
  expect(found.expand("$0", "web-7")).toBe("web-7");
  expect(found.expand("$2", "web")).toBeUndefined();
  expect(found.unknownGroup("$app$3")).toBe("3");
  expect(found.unknownGroup("$constructor")).toBe("constructor");
});
