const decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const nano = 1_000_000_000n;

/** A quantity as the API server writes it back: `0.5` is `500m`, `1000m` is `1`, `1024Mi` is `1Gi`; undefined when it is none. */
export function canonicalQuantity(value: unknown): string | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?([A-Za-z]*|[eE][+-]?\d+)$/.exec(String(value));
  if (match === null) return undefined;
  const [, sign, whole = "", fraction = "", suffix = ""] = match;
  if (whole === "" && fraction === "") return undefined;
  const scale = scaleOf(suffix);
  if (scale === undefined) return undefined;
  const digits = BigInt(`${whole}${fraction}` || "0");
  const divisor = 10n ** BigInt(fraction.length) * scale.divisor;
  // Smaller than a billionth is rounded up, away from zero.
  const amount = (digits * nano * scale.factor + divisor - 1n) / divisor;
  const minus = sign === "-" && amount > 0n ? "-" : "";
  if (scale.form === "binary" && amount % nano === 0n && amount >= 1024n * nano)
    return minus + shortest(amount / nano, 1024n, binary, 0);
  if (scale.form === "exponent") return minus + exponentText(amount);
  return minus + shortest(amount, 1000n, decimal, 0);
}

type Form = "decimal" | "binary" | "exponent";
function scaleOf(suffix: string): { factor: bigint; divisor: bigint; form: Form } | undefined {
  const exponent = /^[eE]([+-]?\d{1,2})$/.exec(suffix);
  if (exponent !== null) {
    const power = Number(exponent[1]);
    return power < 0
      ? { factor: 1n, divisor: 10n ** BigInt(-power), form: "exponent" }
      : { factor: 10n ** BigInt(power), divisor: 1n, form: "exponent" };
  }
  const at = decimal.indexOf(suffix);
  if (at >= 0)
    return at < 3
      ? { factor: 1n, divisor: 1000n ** BigInt(3 - at), form: "decimal" }
      : { factor: 1000n ** BigInt(at - 3), divisor: 1n, form: "decimal" };
  const power = binary.indexOf(suffix);
  return power < 0 ? undefined : { factor: 1024n ** BigInt(power), divisor: 1n, form: "binary" };
}

function shortest(amount: bigint, step: bigint, suffixes: readonly string[], first: number): string {
  if (amount === 0n) return "0";
  let at = first;
  let rest = amount;
  while (rest % step === 0n && at < suffixes.length - 1) {
    rest /= step;
    at++;
  }
  return `${rest}${suffixes[at]}`;
}
function exponentText(amount: bigint): string {
  if (amount === 0n) return "0";
  let rest = amount;
  let power = -9;
  while (rest % 1000n === 0n) {
    rest /= 1000n;
    power += 3;
  }
  return power === 0 ? String(rest) : `${rest}e${power}`;
}
