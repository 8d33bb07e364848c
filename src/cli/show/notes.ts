import type { MatrixView } from "../../model/views.ts";
import { firstEvidence } from "./verdict.ts";

interface Placed {
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly object?: string | undefined;
}

/** What a person must know beside a table: agents away, broken files, prunes that wait, and trouble with its evidence. */
export function notesOf(matrix: MatrixView, only?: string): string[] {
  const notes: string[] = [];
  for (const { name, agent, problems, prune } of matrix.environments) {
    if (only !== undefined && name !== only) continue;
    if (!agent.connected) notes.push(`${name}: the agent is away`);
    for (const problem of problems) notes.push(`${name}: ${placeOf(problem)}${problem.message}`);
    if (prune !== undefined)
      notes.push(
        `${name}: removing ${prune.objects.length} of ${prune.of} objects waits for a person: sluice confirm-prune ${name}`,
      );
  }
  for (const problem of matrix.problems) notes.push(`configuration: ${placeOf(problem)}${problem.message}`);
  for (const row of matrix.rows)
    for (const cell of Object.values(row.cells)) {
      const evidence = firstEvidence(cell.verdict);
      if (evidence !== undefined && (only === undefined || only === cell.environment))
        notes.push(`${cell.environment}: ${row.name}: ${evidence}`);
    }
  return notes;
}

/** Where a problem stands, ready to stand before its message. */
export function placeOf({ file, line, object }: Placed): string {
  if (file === undefined) return object === undefined ? "" : `${object}: `;
  return line === undefined ? `${file}: ` : `${file}:${line}: `;
}
