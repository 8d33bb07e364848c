import type { Workload } from "../model/workload.ts";

/** A lock in words: by whom, why, and where it stands. */
export function lockText({ policy: { locked }, file, line }: Pick<Workload, "policy" | "file" | "line">): string {
  const by = locked?.by === undefined ? "" : ` by ${locked.by}`;
  const why = locked?.message === undefined ? "" : `: "${locked.message}"`;
  return `locked${by}${why} (${file} line ${line})`;
}
