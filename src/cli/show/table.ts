/**
 * A table as Go's tabwriter sets it: every column as wide as its widest cell and two blanks; the last cell of a line is
 * not padded, and no line ends in blanks. Cells may be painted; colours take no width.
 */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  return lines([heading, ...rows]);
}

/** The same without a heading. */
export function lines(rows: readonly (readonly string[])[], indent = ""): string {
  const widths: number[] = [];
  for (const row of rows)
    row.slice(0, -1).forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, width(cell));
    });
  return rows
    .map((row) => {
      const cells = row.map((cell, column) =>
        column === row.length - 1 ? cell : cell + " ".repeat((widths[column] ?? 0) + 2 - width(cell)),
      );
      return `${(indent + cells.join("")).trimEnd()}\n`;
    })
    .join("");
}

const paintCodes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");

/** Columns a text takes on a terminal; colours take none. */
export function width(text: string): number {
  return [...text.replace(paintCodes, "")].length;
}
