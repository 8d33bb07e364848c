import { structuredPatch } from "diff";
import type { FilePreview } from "../../../../src/model/plan.ts";

/** A line of a diff with its number in the file after the change (before it, for removed ones). */
export interface DiffLine {
  readonly kind: "same" | "add" | "remove" | "gap";
  readonly number: number;
  readonly text: string;
}

/** The changed places of a file, each with three lines around it. */
export function diffLines(file: FilePreview): DiffLine[] {
  const patch = structuredPatch(file.file, file.file, file.before, file.after, "", "", { context: 3 });
  return patch.hunks.flatMap((hunk, index): DiffLine[] => {
    let before = hunk.oldStart;
    let after = hunk.newStart;
    const lines = hunk.lines
      .filter((line) => !line.startsWith("\\"))
      .map((line): DiffLine => {
        const text = line.slice(1);
        if (line.startsWith("-")) return { kind: "remove", number: before++, text };
        if (line.startsWith("+")) return { kind: "add", number: after++, text };
        before++;
        return { kind: "same", number: after++, text };
      });
    return index === 0 ? lines : [{ kind: "gap", number: hunk.newStart, text: "" }, ...lines];
  });
}
