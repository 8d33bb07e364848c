import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { width } from "../show/table.ts";
import { drawPicker, heightOf } from "./draw.ts";
import { readKeys } from "./keyboard.ts";
import { type Key, type Picker, type PickRow, press, startPicker } from "./picker.ts";

const row = (text: string, selectable = true): PickRow => ({ text, selectable });
const rows = [row("a\tlocked", false), row("b\t1 -> 2"), row("c\tsame", false), row("d\t3 -> 4")];

/** The picker after these keys; it must not have ended. */
function after(names: readonly string[], first: Picker = startPicker(rows)!): Picker {
  return names.reduce((picker, name) => {
    const next = press(picker, { name });
    if (next.kind !== "picking") throw new Error(`${name} ended it`);
    return next.picker;
  }, first);
}

test("everything is selected at first, and the cursor skips what cannot be", () => {
  const picker = startPicker(rows)!;
  expect([picker.cursor, [...picker.checked]]).toEqual([1, [1, 3]]);
  for (const key of ["down", "j", "tab"]) expect(after([key]).cursor).toBe(3);
  for (const key of ["up", "k"]) expect(after([key]).cursor).toBe(3);
  expect(after(["down", "down"]).cursor).toBe(1);
  expect(startPicker([rows[0]!])).toBeUndefined();
});

test("space takes a row out and in again, enter takes what is left", () => {
  expect(press(after(["space"]), { name: "return" })).toEqual({ kind: "picked", rows: [3] });
  expect(press(after(["space", "space"]), { name: "return" })).toEqual({ kind: "picked", rows: [1, 3] });
  expect(press(after(["space", "down", "space"]), { name: "enter" })).toEqual({ kind: "picked", rows: [] });
});

test.each<Key>([{ name: "q" }, { name: "escape" }, { name: "c", ctrl: true }])("%j leaves without choosing", (key) => {
  expect(press(startPicker(rows)!, key)).toEqual({ kind: "aborted" });
});

test("it looks as fluxctl's: an arrow at the cursor, a box before what can be selected", () => {
  expect(drawPicker(after(["space"]), "WORKLOAD \tUPDATES", { columns: 80, rows: 24 })).toBe(
    [
      "    WORKLOAD   UPDATES",
      "    a          locked",
      "⇒ ◯ b          1 -> 2",
      "    c          same",
      "  ◉ d          3 -> 4",
      "",
      "Use arrow keys and [Space] to toggle updates; hit [Enter] to release selected.",
      "",
    ].join("\n"),
  );
});

const key = fc.constantFrom("up", "down", "j", "k", "tab", "space", "x", "left");
const manyRows = fc.array(
  fc.record({ text: fc.stringMatching(/^[a-z]{1,40}\t[a-z]{0,60}$/), selectable: fc.boolean() }),
  { minLength: 1, maxLength: 40 },
);
test("whatever is pressed on whatever screen, the cursor is seen and on something that can be selected", () => {
  fc.assert(
    fc.property(
      manyRows,
      fc.array(key, { maxLength: 60 }),
      fc.integer({ min: 20, max: 120 }),
      fc.integer({ min: 14, max: 40 }),
      (many, keys, columns, screen) => {
        const first = startPicker(many);
        fc.pre(first !== undefined);
        const picker = after(keys, first);
        expect(many[picker.cursor]?.selectable).toBe(true);
        for (const index of picker.checked) expect(many[index]?.selectable).toBe(true);
        const lines = drawPicker(picker, "A \tB", { columns, rows: screen }).split("\n");
        expect(lines.filter((line) => line.startsWith("⇒"))).toHaveLength(1);
        expect(heightOf(lines, columns)).toBeLessThanOrEqual(screen);
        for (const line of lines) expect(width(line)).toBeGreaterThanOrEqual(0);
      },
    ),
  );
});

/** A terminal's input of which a test knows in which mode it is. */
function fakeKeyboard() {
  const modes: boolean[] = [];
  const input = Object.assign(new PassThrough(), { setRawMode: (raw: boolean) => modes.push(raw) });
  return { input, modes };
}

test("keys are read one by one, and the terminal is put back when the loop is left", async () => {
  const { input, modes } = fakeKeyboard();
  input.write("\u001b[B\u001b[A \tj\r");
  const names: (string | undefined)[] = [];
  for await (const { name } of readKeys(input)) {
    names.push(name);
    expect(modes).toEqual([true]);
    if (name === "return") break;
  }
  expect(names).toEqual(["down", "up", "space", "tab", "j", "return"]);
  expect(modes).toEqual([true, false]);
});

test("a signal is a Ctrl-C, a keyboard that is gone ends the loop, and a fault puts the terminal back too", async () => {
  // Not the process itself: other tests of this thread may listen to it.
  const signalled = new EventEmitter();
  const { input, modes } = fakeKeyboard();
  const keys = readKeys(input, signalled);
  const first = keys.next();
  signalled.emit("SIGTERM");
  expect((await first).value).toEqual({ name: "c", ctrl: true });
  const second = keys.next();
  input.end();
  expect(await second).toMatchObject({ done: true });
  expect(modes).toEqual([true, false]);

  const other = fakeKeyboard();
  other.input.write("x");
  const broken = async () => {
    for await (const _key of readKeys(other.input, signalled)) throw new Error("the drawing broke");
  };
  await expect(broken()).rejects.toThrow("the drawing broke");
  expect(other.modes).toEqual([true, false]);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) expect(signalled.listenerCount(signal)).toBe(0);
});
