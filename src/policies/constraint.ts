import semver from "semver";

/** A version constraint in Masterminds' language, which Flux v1 uses; see docs/guides/policies.md. */
export interface Constraint {
  allows(version: semver.SemVer): boolean;
}

const operators = /^(=|!=|>=|=>|<=|=<|>|<|~>|~|\^)?$/;
const primitive =
  /^([=!<>~^]*)\s*v?((?:\d+|[xX*])(?:\.(?:\d+|[xX*]))?(?:\.(?:\d+|[xX*]))?)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?/;
const hyphen = /(\S+)\s+-\s+(\S+)/g;
const spelled: Readonly<Record<string, string>> = { "=>": ">=", "=<": "<=", "~>": "~", "": "=" };

/**
 * Reads a constraint: comparisons joined by commas or blanks must all hold, `||` separates alternatives. `1.2` means
 * `1.2.x`, `1 - 2` a range. A pre-release passes a comparison only when that names a pre-release itself. Undefined when
 * the text is no constraint.
 */
export function parseConstraint(text: string): Constraint | undefined {
  const alternatives = text.split("||").map(parseAll);
  if (alternatives.some((all) => all === undefined)) return undefined;
  return { allows: (version) => alternatives.some((all) => all!.every((holds) => holds(version))) };
}

type Comparison = (version: semver.SemVer) => boolean;

function parseAll(text: string): Comparison[] | undefined {
  let rest = text.replace(hyphen, ">=$1 <=$2").trim();
  const found: Comparison[] = [];
  while (rest !== "") {
    const match = primitive.exec(rest);
    const comparison = match === null ? undefined : compile(match[1]!, match[2]!, match[3] ?? "");
    if (match === null || comparison === undefined) return undefined;
    found.push(comparison);
    const after = rest.slice(match[0].length);
    rest = after.replace(/^\s*,?\s*/, "");
    const comma = /^\s*,/.test(after);
    if (rest === "" ? comma : !comma && !/^[\s=!<>~^]/.test(after)) return undefined;
  }
  return found.length === 0 ? undefined : found;
}

function compile(operator: string, number: string, prerelease: string): Comparison | undefined {
  if (!operators.test(operator)) return undefined;
  const named = spelled[operator] ?? operator;
  const missing = prerelease === "" ? 0 : 3 - number.split(".").length;
  const range = rangeOf(`${named === "!=" ? "=" : named}${number}${".0".repeat(missing)}${prerelease}`);
  if (range === undefined) return undefined;
  if (named === "!=") return (version) => !range.test(version);
  return (version) => (version.prerelease.length === 0 || prerelease !== "") && range.test(version);
}

function rangeOf(text: string): semver.Range | undefined {
  try {
    return new semver.Range(text, { includePrerelease: true });
  } catch {
    return undefined;
  }
}
