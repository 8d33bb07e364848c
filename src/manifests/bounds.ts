/** Bounds on what a text may stand for: aliases share values, so a small text can mean a huge or endless one. */
const maxNodes = 500_000;
const maxDepth = 200;

/** What a value is too much for, in a few words; undefined when it is in bounds. `numberless` tells of NaN and infinity. */
export function outOfBounds(
  documents: readonly unknown[],
): { readonly reason: string; readonly numberless?: true } | undefined {
  const measured = new Map<object, Measure>();
  let nodes = 0;
  for (const document of documents) {
    const measure = measureOf(document, 0, measured);
    if (typeof measure === "string")
      return measure === numberless ? { reason: measure, numberless: true } : { reason: measure };
    nodes += measure.nodes;
    if (nodes > maxNodes) return { reason: tooMany };
  }
  return undefined;
}

interface Measure {
  readonly nodes: number;
  readonly depth: number;
}
const tooMany = `its aliases expand to more than ${maxNodes} values`;
const tooDeep = `it is nested more than ${maxDepth} deep`;
const numberless = "infinity and NaN are no numbers of JSON, so no object can hold them; put quotes around text";

/** Values that stand for something under construction: an alias inside of what it names. */
const open: Measure = { nodes: Number.POSITIVE_INFINITY, depth: 0 };

/**
 * Walks every shared value once and adds up what it expands to. What an alias names is measured before the alias in
 * nearly every text, and the depth is bounded in any case, so neither time nor stack can run out.
 */
function measureOf(value: unknown, depth: number, measured: Map<object, Measure>): Measure | string {
  if (typeof value === "number" && !Number.isFinite(value)) return numberless;
  if (typeof value !== "object" || value === null) return { nodes: 1, depth: 0 };
  if (depth > maxDepth) return tooDeep;
  const known = measured.get(value);
  if (known === open) return "an alias in it stands for what it is a part of";
  if (known !== undefined) return depth + known.depth > maxDepth ? tooDeep : known;
  measured.set(value, open);
  let nodes = 1;
  let below = 0;
  for (const entry of Array.isArray(value) ? value : Object.values(value)) {
    const inner = measureOf(entry, depth + 1, measured);
    if (typeof inner === "string") return inner;
    nodes += inner.nodes;
    below = Math.max(below, inner.depth + 1);
    if (nodes > maxNodes) return tooMany;
  }
  const measure = { nodes, depth: below };
  measured.set(value, measure);
  return measure;
}
