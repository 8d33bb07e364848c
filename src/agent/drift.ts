/** A field that Git names and whose live value differs. */
export interface FieldDifference {
  readonly field: string;
  readonly git: string;
  readonly live: string;
}
const maxDifferences = 20;

/**
 * Compares what Git names with the live object; fields only the cluster has are not looked at. Lists of named things
 * are matched by name. The server normalises values ("0.5" to "500m"), so a difference is a suspicion that a dry run
 * settles.
 */
export function differences(git: unknown, live: unknown): FieldDifference[] {
  const found: FieldDifference[] = [];
  compare(git, live, "", found);
  return found;
}

function compare(git: unknown, live: unknown, field: string, found: FieldDifference[]): void {
  if (found.length >= maxDifferences || git === live) return;
  if (git === null || git === undefined) return;
  if (Array.isArray(git)) return compareLists(git, live, field, found);
  if (typeof git === "object") {
    if (typeof live !== "object" || live === null || Array.isArray(live)) {
      if (Object.keys(git).length > 0 || live !== undefined) found.push({ field, git: show(git), live: show(live) });
      return;
    }
    for (const [key, value] of Object.entries(git))
      compare(value, (live as Record<string, unknown>)[key], field === "" ? key : `${field}.${key}`, found);
    return;
  }
  if (String(git) !== String(live) || typeof git !== typeof live)
    found.push({ field, git: show(git), live: show(live) });
}

function compareLists(git: readonly unknown[], live: unknown, field: string, found: FieldDifference[]): void {
  if (!Array.isArray(live)) {
    if (git.length > 0 || live !== undefined) found.push({ field, git: show(git), live: show(live) });
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
