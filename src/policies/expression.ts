import { RE2JS } from "re2js";

/** A regular expression of RE2's language: found in time proportional to the text, whatever the expression is. */
export interface Expression {
  /** Capturing groups, without the whole match. */
  readonly groups: number;
  /** Whether it is found anywhere in the text. */
  matches(text: string): boolean;
  /** The template with `$1`, `$name` and `${name}` filled from the first match; undefined without a match. */
  expand(template: string, text: string): string | undefined;
  /** The first reference of a template that is no group of the expression. */
  unknownGroup(template: string): string | undefined;
}

/**
 * What repeats may add to an expression, in letters. They multiply: `(a{30}){30}` stands for 900 letters though it is
 * short, and a search takes a step for each of them at every letter of a tag. A tag has 128 letters at most.
 */
const maxRepeated = 150;
/** Groups are carried along through every step of a search. */
const maxGroups = 20;
const reference = /\$(?:(\w+)|\{(\w+)\})/g;

/** Compiles an expression from hostile text; answers why it cannot be used instead, at once and without building it. */
export function compileExpression(pattern: string): Expression | { readonly problem: string } {
  if (repeatedLetters(pattern) > maxRepeated)
    return { problem: `its repeats come to more than ${maxRepeated} letters; write fewer or shorter ones` };
  try {
    const compiled = RE2JS.compile(pattern);
    if (compiled.groupCount() > maxGroups)
      return { problem: `it has more than ${maxGroups} groups; write (?:...) where nothing is taken out` };
    return expression(compiled);
  } catch {
    return { problem: "it is not a regular expression (RE2: no look-around, no back references)" };
  }
}

function expression(compiled: RE2JS): Expression {
  const names = compiled.namedGroups();
  const numberOf = (name: string): number | undefined => {
    const number = /^\d+$/.test(name) ? Number(name) : Object.hasOwn(names, name) ? names[name] : undefined;
    return number !== undefined && number <= compiled.groupCount() ? number : undefined;
  };
  return {
    groups: compiled.groupCount(),
    // A search rather than `test`: on short texts the automaton that builds is slower and larger than what it saves.
    matches: (text) => compiled.matcher(text).find(),
    expand(template, text) {
      const matcher = compiled.matcher(text);
      if (!matcher.find()) return undefined;
      return template.replace(reference, (_, plain: string | undefined, braced: string | undefined) => {
        const number = numberOf(plain ?? braced!);
        return number === undefined ? "" : (matcher.group(number) ?? "");
      });
    },
    unknownGroup: (template) =>
      [...template.matchAll(reference)]
        .map((match) => match[1] ?? match[2]!)
        .find((name) => numberOf(name) === undefined),
  };
}

/** How many letters the repeats of an expression add to it, at most: each letter as often as the counts around it say. */
function repeatedLetters(pattern: string): number {
  const open: number[] = [0];
  let letters = 0;
  let last = 0;
  const add = (count: number): void => {
    last = count;
    open.push(open.pop()! + count);
  };
  for (let rest = pattern; rest !== ""; ) {
    const [token, least, most] = nextToken.exec(rest)!;
    rest = rest.slice(token.length);
    if (least !== undefined) add(last * (Math.max(Number(least), Number(most ?? 0)) - 1));
    else if (token.startsWith("(")) open.push(0);
    else if (token === ")" && open.length > 1) add(open.pop()!);
    else {
      letters++;
      add(1);
    }
  }
  return open.reduce((sum, count) => sum + count, 0) - letters;
}
/** An escaped letter, the beginning of a group, a class, a repeat with its counts, or any letter. */
const nextToken = /^(?:\\.|\((?:\?(?:P?<\w+>|[A-Za-z-]*:))?|\[\^?\]?(?:\\.|[^\]\\])*\]|\{(\d+)(?:,(\d*))?\}|[\s\S])/u;
