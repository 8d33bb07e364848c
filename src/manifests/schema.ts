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

const integerPattern = /^[-+]?(?:0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|0[0-7_]+|0|[1-9][0-9_]*)$/;

function readInteger(text: string): number | typeof NOT_RESOLVED {
  if (!integerPattern.test(text)) return NOT_RESOLVED;
  const negative = text.startsWith("-");
  const digits = text.replace(/^[-+]/, "").replaceAll("_", "");
  const octal = /^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits;
  const value = Number(octal);
  return Number.isNaN(value) ? NOT_RESOLVED : negative ? -value : value;
}

const int = defineScalarTag<number>("tag:yaml.org,2002:int", {
  implicit: true,
  implicitFirstChars: ["-", "+", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
  resolve: readInteger,
  identify: (data) => Number.isInteger(data),
});

/** The schema manifests are read with. */
export const manifestSchema: Schema = CORE_SCHEMA.withTags(bool, int, mergeTag);
