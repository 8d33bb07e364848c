import { width } from "../show/table.ts";
import { tabulate } from "../show/tabwriter.ts";
import type { Picker } from "./picker.ts";

const foot = "Use arrow keys and [Space] to toggle updates; hit [Enter] to release selected.";

/** A terminal's size in characters. */
interface Size {
  readonly columns: number;
  readonly rows: number;
}

/**
 * The picker as fluxctl draws it: `⇒` before the row of the cursor, `◉` or `◯` before what can be selected. What does
 * not fit the screen is left out around the cursor, for lines that have left it cannot be drawn again.
 */
export function drawPicker(picker: Picker, heading: string, size: Size): string {
  const rows = picker.rows.map((row, index) => {
    const box = !row.selectable ? " " : picker.checked.has(index) ? "◉" : "◯";
    return `${index === picker.cursor ? "⇒" : " "} ${box} ${row.text}`;
  });
  const [top = "", ...lines] = tabulate([`    ${heading}`, ...rows].join("\n")).split("\n");
  const room = size.rows - heightOf([top, "", foot, ""], size.columns);
  return [top, ...fitting(lines, picker.cursor, room, size.columns), "", foot, ""].join("\n");
}

/** Lines of the terminal that a text takes, long lines being wrapped. */
export function heightOf(lines: readonly string[], columns: number): number {
  return lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(width(line) / columns)), 0);
}

function fitting(lines: readonly string[], cursor: number, room: number, columns: number): string[] {
  if (heightOf(lines, columns) <= room) return [...lines];
  let from = cursor;
  let to = cursor + 1;
  // Two lines are kept for what says how much is left out.
  const fits = (start: number, end: number) => heightOf(lines.slice(start, end), columns) <= room - 2;
  for (;;) {
    if (to < lines.length && fits(from, to + 1)) to++;
    else if (from > 0 && fits(from - 1, to)) from--;
    else break;
  }
  const above = from === 0 ? [] : [`    ... ${from} more above`];
  const below = to === lines.length ? [] : [`    ... ${lines.length - to} more below`];
  return [...above, ...lines.slice(from, to), ...below];
}
