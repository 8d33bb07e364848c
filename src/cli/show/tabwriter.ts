const padding = 2;

/**
 * Sets text as Go's `text/tabwriter` does with fluxctl's settings: cells end with a tab, a column is as wide as the
 * widest of its cells in neighbouring lines and two blanks, and what follows a line's last tab is not padded. So a line
 * may end in blanks, as fluxctl's do.
 */
export function tabulate(text: string): string {
  const lines = text.split("\n").map((line) => line.split("\t"));
  const widths = lines.map((): number[] => []);
  setColumn(lines, widths, 0, lines.length, 0);
  return lines
    .map((cells, index) => cells.map((cell, column) => cell + " ".repeat(gap(cell, widths[index]?.[column]))).join(""))
    .join("\n");
}

/** Gives a column its width in every run of lines that have it, and within each run the columns right of it. */
function setColumn(lines: readonly string[][], widths: number[][], from: number, to: number, column: number): void {
  for (let start = from; start < to; start++) {
    let end = start;
    while (end < to && column < (lines[end]?.length ?? 0) - 1) end++;
    if (end === start) continue;
    const width = Math.max(...lines.slice(start, end).map((cells) => length(cells[column] ?? "") + padding));
    for (let line = start; line < end; line++) widths[line]![column] = width;
    setColumn(lines, widths, start, end, column + 1);
    start = end;
  }
}

function gap(cell: string, width: number | undefined): number {
  return width === undefined ? 0 : width - length(cell);
}

/** Go counts runes. */
function length(text: string): number {
  return [...text].length;
}
