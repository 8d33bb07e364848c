import { CORE_SCHEMA, defineScalarTag, mergeTag, NOT_RESOLVED, type Schema } from "js-yaml";

/**
 * Scalars as kubectl reads them (sigs.k8s.io/yaml over YAML 1.1 with Go's number forms): `0644` and `0o644` are 420,
 * `y`, `yes` and `on` are true, `0b101` is 5, `1_000` is 1000; dates and `190:20:30` stay text.
 */
const trueWords = new Set(["y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"]);
const falseWords = new Set(["n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"]);

const bool = defineScalarTag<boolean>("tag:yaml.org,2002:bool", {
  implicit: true,
  implicitFirstChars: ["y", "Y", "n", "N", "o", "O", "t", "T", "f", "F"],
  resolve: (text) => (trueWords.has(text) ? true : falseWords.has(text) ? false : NOT_RESOLVED),
  identify: (data) => typeof data === "boolean",
});

const integerPattern = /^[-+]?(?:0[bB][01]+|0[oO][0-7]+|0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/;
const floatPattern = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const infinities = new Set([".inf", ".Inf", ".INF"]);
const notNumbers = new Set([".nan", ".NaN", ".NAN"]);

/** Underscores between digits mean nothing to Go's YAML, in whatever place they stand after the first character. */
function withoutUnderscores(text: string): string {
  return text.startsWith("_") || text.startsWith(".") ? text : text.replaceAll("_", "");
}

/** An integer beyond 2^53 is the nearest double, as it is to every JSON reader that knows no other numbers. */
function readInteger(text: string): number | typeof NOT_RESOLVED {
  const plain = withoutUnderscores(text);
  if (!integerPattern.test(plain)) return NOT_RESOLVED;
  const negative = plain.startsWith("-");
  const digits = plain.replace(/^[-+]/, "");
  const octal = /^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits;
  const value = Number(octal);
  return negative && value !== 0 ? -value : value;
}

function readFloat(text: string): number | typeof NOT_RESOLVED {
  if (notNumbers.has(text)) return Number.NaN;
  if (infinities.has(text.replace(/^[-+]/, "")))
    return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const plain = withoutUnderscores(text);
  const value = floatPattern.test(plain) ? Number(plain) : Number.NaN;
  return Number.isFinite(value) ? value : NOT_RESOLVED;
}

const numberStarts = ["-", "+", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

const int = defineScalarTag<number>("tag:yaml.org,2002:int", {
  implicit: true,
  implicitFirstChars: numberStarts,
  resolve: readInteger,
  identify: (data) => Number.isInteger(data),
});

const float = defineScalarTag<number>("tag:yaml.org,2002:float", {
  implicit: true,
  implicitFirstChars: [...numberStarts, "."],
  resolve: readFloat,
  identify: (data) => typeof data === "number",
});

/** Tags of somebody's own (`!name`) say nothing to kubectl: the text is taken as it stands. */
const own = defineScalarTag<string>("!", {
  matchByTagPrefix: true,
  resolve: (text) => text,
  identify: () => false,
});

/** The schema manifests are read with. */
export const manifestSchema: Schema = CORE_SCHEMA.withTags(bool, int, float, own, mergeTag);
