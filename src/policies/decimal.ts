/** A number as it is written in a tag, of any length: times in nanoseconds are longer than a float is exact. */
export interface Decimal {
  readonly negative: boolean;
  /** Without leading zeros. */
  readonly whole: string;
  /** Without trailing zeros. */
  readonly fraction: string;
}

/** Reads digits with an optional sign and fraction. Nothing else: `12e5` in a tag is the beginning of a commit. */
export function readDecimal(text: string): Decimal | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d+))?$/.exec(text);
  if (match === null || !/\d/.test(text)) return undefined;
  const whole = match[2]!.replace(/^0+/, "");
  const fraction = (match[3] ?? "").replace(/0+$/, "");
  return { negative: match[1] === "-" && whole + fraction !== "", whole, fraction };
}

/** Negative when the first is smaller. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  if (a.negative !== b.negative) return a.negative ? -1 : 1;
  const size = a.whole.length - b.whole.length || textOrder(a.whole, b.whole) || textOrder(a.fraction, b.fraction);
  return a.negative ? -size : size;
}

/** Order of code units, the same everywhere. */
export function textOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
