import { expect, test } from "vitest";
import { type ErrorCode, errorCodes, messageOf, SluiceError, toSluiceError } from "./errors.ts";

test.each(errorCodes)("%s says what to do, in a whole sentence, with a status and an exit code", (code) => {
  const error = new SluiceError(code, "It went wrong.");
  expect(error.help).toMatch(/^[A-Z].*[.!?]$/);
  expect(error.status).toBeGreaterThanOrEqual(400);
  expect(error.status).toBeLessThan(600);
  expect([1, 2, 3, 4, 5]).toContain(error.exit);
});

test("the codes are the ones programs know", () => {
  expect([...errorCodes].sort()).toEqual<ErrorCode[]>([
    "bad_request",
    "cluster_failed",
    "conflict",
    "forbidden",
    "git_failed",
    "internal",
    "invalid_document",
    "invalid_manifest",
    "not_found",
    "not_supported",
    "refused",
    "registry_failed",
    "too_large",
    "unauthenticated",
    "unreachable",
  ]);
  for (const code of errorCodes) expect(SluiceError.isCode(code)).toBe(true);
  for (const text of ["", "constructor", "toString", "NOT_FOUND"]) expect(SluiceError.isCode(text)).toBe(false);
});

test("an error is sent as its code, message, help and facts, and nothing else", () => {
  const cause = new Error("secret");
  const error = new SluiceError("invalid_manifest", "a.yaml line 3: a tab", { file: "a.yaml", line: 3 }, { cause });
  expect(JSON.parse(JSON.stringify(error))).toEqual({
    code: "invalid_manifest",
    message: "a.yaml line 3: a tab",
    help: "Correct the file at the line named; its objects keep running as they are.",
    facts: { file: "a.yaml", line: 3 },
  });
});

test("a help that knows more than the table's goes before it", () => {
  expect(new SluiceError("conflict", "x", { help: "Roll it back." }).help).toBe("Roll it back.");
});

test("what nobody foresaw is internal, and its text stays out of the answer", () => {
  const error = toSluiceError(new Error("password=hunter2"));
  expect(error.code).toBe("internal");
  expect(JSON.stringify(error)).not.toContain("hunter2");
  expect(messageOf(error.cause)).toBe("password=hunter2");
  expect(toSluiceError(error)).toBe(error);
  expect(messageOf("text")).toBe("text");
});
