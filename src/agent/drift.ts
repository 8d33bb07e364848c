/** A field that Git names and whose live value differs, as people read it. */
export interface FieldDifference {
  readonly field: string;
  readonly git: string;
  readonly live: string;
}
/** The same with the values themselves. */
export interface Difference {
  readonly field: string;
  readonly git: unknown;
  readonly live: unknown;
}
/** More than this of one object is not told apart. */
const maxDifferences = 500;
const maxShown = 20;

/**
 * Compares what Git names with the live object; fields only the cluster has are not looked at. Lists of named things
 * are matched by name. The server normalises values ("0.5" to "500m"), so a difference is a suspicion that a dry run
 * settles.
 */
export function differences(git: unknown, live: unknown): Difference[] {
  const found: Difference[] = [];
  compare(git, live, "", found);
  return found;
}

/** The first differences in words, each value bounded. */
export function shown(found: readonly Difference[]): FieldDifference[] {
  return found.slice(0, maxShown).map(({ field, git, live }) => ({ field, git: show(git), live: show(live) }));
}

function compare(git: unknown, live: unknown, field: string, found: Difference[]): void {
  if (found.length >= maxDifferences || git === live) return;
  if (git === null || git === undefined) return;
  if (Array.isArray(git)) return compareLists(git, live, field, found);
  if (typeof git === "object") {
    if (typeof live !== "object" || live === null || Array.isArray(live)) {
      if (Object.keys(git).length > 0 || live !== undefined) found.push({ field, git, live });
      return;
    }
    for (const [key, value] of Object.entries(git))
      compare(value, (live as Record<string, unknown>)[key], field === "" ? key : `${field}.${key}`, found);
    return;
  }
  found.push({ field, git, live });
}

function compareLists(git: readonly unknown[], live: unknown, field: string, found: Difference[]): void {
  if (!Array.isArray(live)) {
    if (git.length > 0 || live !== undefined) found.push({ field, git, live });
    return;
  }
  git.forEach((entry, index) => {
    const name = nameOf(entry);
    const other = name === undefined ? live[index] : live.find((candidate) => nameOf(candidate) === name);
    compare(entry, other, `${field}[${name ?? index}]`, found);
  });
  if (git.every((entry) => nameOf(entry) === undefined) && live.length !== git.length)
    found.push({ field, git: `${git.length} entries`, live: `${live.length} entries` });
}

function nameOf(entry: unknown): string | undefined {
  const name = typeof entry === "object" && entry !== null ? (entry as { name?: unknown }).name : undefined;
  return typeof name === "string" ? name : undefined;
}

function show(value: unknown): string {
  if (value === undefined) return "not set";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
