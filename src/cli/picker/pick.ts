import { SluiceError } from "../../errors.ts";
import { type CliContext, exitCodes } from "../context.ts";
import { drawPicker, heightOf } from "./draw.ts";
import { type Picker, type Picking, type PickRow, press, startPicker } from "./picker.ts";

const hideCursor = "\u001b[?25l";
const showCursor = "\u001b[?25h";

/**
 * Lets a person choose among rows on the terminal and answers the indices of those chosen. Undefined, with the reason
 * told and the exit code set, when nothing could be chosen or nothing was. Throws a usage error where nobody can be asked.
 */
export async function pick(
  context: CliContext,
  heading: string,
  rows: readonly PickRow[],
): Promise<readonly number[] | undefined> {
  const picker = startPicker(rows);
  const nothing = (text: string, exit: number) => {
    context.err.write(`${text}\n`);
    context.finish(exit);
    return undefined;
  };
  if (picker === undefined) return nothing("No changes found.", exitCodes.done);
  if (!context.interactive)
    throw new SluiceError("bad_request", "--interactive needs a terminal, so nothing was done.", {
      help: "Name the workloads instead; --dry-run shows what would change.",
    });
  const picked = await run(context, picker, heading);
  if (picked.kind !== "picked") return nothing("Aborted.", exitCodes.failed);
  return picked.rows.length === 0 ? nothing("Nothing is selected.", exitCodes.failed) : picked.rows;
}

/** Draws and reads keys until it is decided. The cursor comes back on every way out. */
async function run(context: CliContext, first: Picker, heading: string): Promise<Picking> {
  const { err } = context;
  let height = 0;
  const draw = (picker: Picker) => {
    const text = drawPicker(picker, heading, err);
    err.write(`${height === 0 ? "" : `\u001b[${height}A`}\u001b[J${text}`);
    height = heightOf(text.split("\n").slice(0, -1), err.columns);
  };
  let picking: Picking = { kind: "picking", picker: first };
  err.write(hideCursor);
  try {
    draw(first);
    for await (const key of context.keys()) {
      picking = press(picking.picker, key);
      if (picking.kind !== "picking") return picking;
      draw(picking.picker);
    }
    return { kind: "aborted" };
  } finally {
    err.write(`${showCursor}\n`);
  }
}
