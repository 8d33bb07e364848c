import { SluiceError } from "../errors.ts";
import type { AnnotationEdit } from "../manifests/edit.ts";
import type { ReadResult } from "../manifests/read.ts";
import type { PolicyChange, PolicyOutcome, PolicyUpdate } from "../model/policy.ts";
import type { CommitInfo, GitMirror } from "../model/ports/git.ts";
import { type Workload, workloadId } from "../model/workload.ts";
import { type PolicyEffect, policyEffects, policyMessage } from "../planning/policyMessage.ts";
import { policyEdit } from "../policies/update.ts";
import {
  type EnvironmentPlaces,
  type EnvironmentTree,
  readEnvironmentTree,
  unreadableFiles,
} from "../repositories/trees.ts";
import { editWhatCan } from "./editable.ts";
import type { Edit } from "./writer.ts";

/** What became of a change's updates on one head, and what the commit does. */
export interface PolicyResult {
  readonly outcomes: readonly PolicyOutcome[];
  readonly effects: readonly PolicyEffect[];
}

/**
 * Makes the edit of a policy change on any head; `told` hears of the head tried last. What Git says already is skipped;
 * a workload that is not in Git, or whose file cannot be edited, fails by itself. An update that asks for something
 * nobody may write (a pattern that is none, a key that is no policy) throws `bad_request`, before anything is written.
 */
export function policyChangeEdit(
  change: PolicyChange,
  environment: EnvironmentPlaces,
  told: (result: PolicyResult) => void,
): (mirror: GitMirror, head: string) => Promise<Edit> {
  return async (mirror, head) => {
    const planned = await planUpdates(change, environment, mirror, head);
    const files = new Map<string, string>();
    const outcomes = new Map<PolicyUpdate, PolicyOutcome>();
    const effects: PolicyEffect[] = [];
    for (const [path, { text, updates }] of planned.byFile) {
      const edits = updates.map((entry) => entry.edit);
      const edited = editWhatCan(path, text, edits, { rules: environment.images });
      if (edited.refused.size < edits.length) files.set(path, edited.text);
      for (const { update, edit } of updates) {
        const refusal = edited.refused.get(edit);
        outcomes.set(update, outcomeOf(update, refusal === undefined ? "success" : "failed", refusal));
        if (refusal === undefined) effects.push(effectOf(edit));
      }
    }
    const result = {
      outcomes: change.updates.map((update) => outcomes.get(update) ?? planned.without.get(update)!),
      effects,
    };
    told(result);
    if (effects.length === 0) return { kind: "nothing", reason: nothingWritten(result.outcomes) };
    return { kind: "commit", files, message: policyMessage(change, effects) };
  };
}

/** What a change did whose commit was found on the branch: its own trailers say what it wrote. */
export async function policyResultOf(
  change: PolicyChange,
  environment: EnvironmentPlaces,
  mirror: GitMirror,
  commit: CommitInfo,
): Promise<PolicyResult> {
  const effects = policyEffects(commit.body);
  const written = new Set(effects.map((effect) => effect.workload));
  const others = { ...change, updates: change.updates.filter((update) => !written.has(update.workload)) };
  let rest: readonly PolicyOutcome[] = [];
  await policyChangeEdit(others, environment, (result) => {
    rest = result.outcomes;
  })(mirror, commit.parents[0] ?? commit.commit);
  const left = new Map(rest.map((outcome) => [outcome.workload, outcome]));
  return {
    effects,
    outcomes: change.updates.map((update) => left.get(update.workload) ?? outcomeOf(update, "success")),
  };
}

/** Why a change wrote nothing: the failures where there are any. */
function nothingWritten(outcomes: readonly PolicyOutcome[]): string {
  const failed = outcomes.filter((outcome) => outcome.status === "failed");
  if (failed.length === 0) return "Git says so already";
  const more = failed.length > 1 ? `; and ${failed.length - 1} more` : "";
  return `${failed[0]!.workload}: ${failed[0]!.text}${more}`;
}

interface PlannedUpdate {
  readonly update: PolicyUpdate;
  readonly edit: AnnotationEdit;
}
interface PlannedFile {
  readonly text: string;
  readonly updates: PlannedUpdate[];
}

/** Sorts updates into edits by file and those that need none, or can have none, on this head. */
async function planUpdates(
  change: PolicyChange,
  environment: EnvironmentPlaces,
  mirror: GitMirror,
  head: string,
): Promise<{ byFile: Map<string, PlannedFile>; without: Map<PolicyUpdate, PolicyOutcome> }> {
  const tree = await readEnvironmentTree(mirror, head, environment);
  const byFile = new Map<string, PlannedFile>();
  const without = new Map<PolicyUpdate, PolicyOutcome>();
  for (const update of change.updates) {
    const workload = tree.workloads.get(update.workload);
    if (workload === undefined) {
      without.set(update, outcomeOf(update, "failed", whyMissing(tree, change)));
      continue;
    }
    const { blob, result } = tree.file(workload.file)!;
    const asked = policyEdit(workload, annotationsOf(result, workload), update);
    if ("problem" in asked) throw new SluiceError("bad_request", asked.problem);
    if (asked.nothing === true) {
      without.set(update, outcomeOf(update, "skipped", "Git says so already"));
      continue;
    }
    const file = byFile.get(workload.file) ?? { text: await mirror.read(blob), updates: [] };
    byFile.set(workload.file, file);
    const { set, remove } = asked;
    file.updates.push({ update, edit: { kind: "annotations", workload: workload.id, set, remove } });
  }
  return { byFile, without };
}

function whyMissing(tree: EnvironmentTree, { environment }: PolicyChange): string {
  const unreadable = unreadableFiles(tree);
  return unreadable === undefined
    ? `it is not in the Git of ${environment}`
    : `it cannot be found while a file cannot be read: ${unreadable}`;
}

/** The annotations of a workload as its file has them. */
function annotationsOf(read: ReadResult, workload: Workload): Readonly<Record<string, unknown>> {
  const entry = read.ok
    ? read.file.objects.find(
        ({ object }) =>
          object.metadata.name === workload.name &&
          workloadId(object.metadata.namespace ?? "default", object.kind, object.metadata.name) === workload.id,
      )
    : undefined;
  return entry?.object.metadata.annotations ?? {};
}

function outcomeOf(update: PolicyUpdate, status: PolicyOutcome["status"], text?: string): PolicyOutcome {
  return { workload: update.workload, status, ...(text === undefined ? {} : { text }) };
}

/** The effect of an edit in policy keys: the prefix under which a key is written says nothing about what it does. */
function effectOf({ workload, set, remove }: AnnotationEdit): PolicyEffect {
  return {
    workload,
    set: Object.fromEntries(Object.entries(set).map(([key, value]) => [keyOf(key), value])),
    remove: [...new Set(remove.map(keyOf))],
  };
}
function keyOf(annotation: string): string {
  const key = annotation.slice(annotation.lastIndexOf("/") + 1);
  return annotation.startsWith("filter.fluxcd.io/") ? `tag.${key}` : key;
}
