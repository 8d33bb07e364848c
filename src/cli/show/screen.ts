import type { PromotionView } from "../../model/views.ts";
import type { Output } from "../context.ts";
import type { Paint } from "./paint.ts";
import { isOver, promotionBlock } from "./promotion.ts";
import { newLines, progressLines } from "./steps.ts";
import { width } from "./table.ts";
import { clockTime } from "./time.ts";

/** A place that shows progress: redrawn on a terminal, appended elsewhere. */
export interface Screen {
  show(view: PromotionView): void;
  trouble(problem: string): void;
}
export function createScreen(output: Output, paint: Paint, now: () => number): Screen {
  return output.terminal ? redrawing(output, paint, now) : appending(output, paint, now);
}

function redrawing(output: Output, paint: Paint, now: () => number): Screen {
  let height = 0;
  let last: PromotionView | undefined;
  const draw = (text: string, whole: boolean) => {
    const up = height === 0 ? "" : `\u001b[${height}A`;
    const shown = whole ? text : fitting(text, output);
    output.write(`${up}\u001b[J${shown}`);
    height = heightOf(shown, output.columns);
  };
  return {
    show(view) {
      last = view;
      draw(promotionBlock(view, now(), paint), isOver(view));
    },
    trouble(problem) {
      draw(`${last === undefined ? "" : promotionBlock(last, now(), paint)}${problem}\n`, false);
    },
  };
}

/** What can be redrawn must fit: the cursor cannot go back to lines that left the screen. */
function fitting(text: string, output: Output): string {
  const lines = text.split("\n").slice(0, -1);
  const room = output.rows - 2;
  let used = 0;
  const kept = lines.filter((line) => {
    used += heightOf(`${line}\n`, output.columns);
    return used <= room;
  });
  const left = lines.length - kept.length;
  return `${kept.join("\n")}\n${left === 0 ? "" : `  ... ${left} more lines\n`}`;
}
function heightOf(text: string, columns: number): number {
  return text
    .split("\n")
    .slice(0, -1)
    .reduce((sum, line) => sum + Math.max(1, Math.ceil(width(line) / columns)), 0);
}

function appending(output: Output, paint: Paint, now: () => number): Screen {
  let before: ReadonlyMap<string, string> = new Map();
  let told = "";
  return {
    show(view) {
      const lines = progressLines(view, paint);
      for (const line of newLines(before, lines)) output.write(`${clockTime(now())}  ${line}\n`);
      before = lines;
      if (isOver(view)) output.write(promotionBlock(view, now(), paint));
    },
    trouble(problem) {
      if (problem !== told) output.write(`${clockTime(now())}  ${problem}\n`);
      told = problem;
    },
  };
}
