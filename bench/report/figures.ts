/** What is kept of a series of measurements, in ms. */
export interface Figures {
  readonly p50: number;
  readonly p99: number;
  readonly n: number;
}

export function figuresOf(values: readonly number[]): Figures {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) =>
    round(sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN);
  return { p50: at(0.5), p99: at(0.99), n: sorted.length };
}

/** A table for people: name, p50, p99, n. */
export function printTable(rows: Readonly<Record<string, Figures>>): void {
  const width = Math.max(...Object.keys(rows).map((name) => name.length));
  console.log(`${"".padEnd(width)}  ${"p50 ms".padStart(9)}  ${"p99 ms".padStart(9)}  ${"n".padStart(4)}`);
  for (const [name, { p50, p99, n }] of Object.entries(rows))
    console.log(
      `${name.padEnd(width)}  ${p50.toFixed(1).padStart(9)}  ${p99.toFixed(1).padStart(9)}  ${String(n).padStart(4)}`,
    );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
