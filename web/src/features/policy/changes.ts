import type { PolicyChange, PolicyUpdate } from "../../../../src/model/policy.ts";
import type { CellView } from "../../../../src/model/views.ts";
import type { SignName } from "../../signs/Sign.tsx";
import { updateWords } from "./draft.ts";

type Written = Pick<CellView, "policy" | "containers">;

/** One policy change as it concerns one workload: how it stands, what it says, and what is to be known of it. */
export interface ChangeOfWorkload {
  readonly sign: SignName;
  readonly word: string;
  readonly what: readonly string[];
  /** Why it is not in force, or where it waits. */
  readonly note?: string;
  readonly commit?: string;
}

/** Whether Git says it on the branch that is applied. */
export function isInForce({ state }: Pick<PolicyChange, "state">): boolean {
  if (!("end" in state) || state.end === "failed") return false;
  return state.end === "nothing to do" || state.branch === undefined;
}

/** Whether it is written, or will be: asking for it again would write it twice. */
export function isAccepted({ state }: Pick<PolicyChange, "state">): boolean {
  return !("end" in state && state.end === "failed");
}

/** A change as it concerns one workload, which Git has as `cell` now; undefined where it does not. */
export function changeOf(
  change: PolicyChange,
  workload: string,
  cell: Written | undefined,
): ChangeOfWorkload | undefined {
  const update = change.updates.find((entry) => entry.workload === workload);
  const isSo = update !== undefined && cell !== undefined && saysSo(cell, update);
  return update && { what: updateWords(update), ...standing(change, workload, isSo) };
}

/** Whether Git says now what an update asked for, whoever wrote it. */
function saysSo({ policy, containers }: Written, { add, remove }: PolicyUpdate): boolean {
  const spread = (key: string) => (key === "tag_all" ? containers.map(({ container }) => `tag.${container}`) : [key]);
  return (
    remove.flatMap(spread).every((key) => policy[key] === undefined) &&
    Object.entries(add)
      .filter(([key]) => !remove.includes(key))
      .every(([key, value]) => spread(key).every((one) => (policy[one] ?? "") === value))
  );
}

function standing({ state }: PolicyChange, workload: string, isSo: boolean): Omit<ChangeOfWorkload, "what"> {
  if ("step" in state)
    return state.trouble === undefined
      ? { sign: "rolling", word: state.step }
      : { sign: "failed", word: "in trouble", note: `It is tried again: ${state.trouble}` };
  const outcome = state.outcomes.find((entry) => entry.workload === workload);
  if (outcome?.status === "failed" || state.end === "failed") {
    const note = outcome?.text ?? ("reason" in state ? state.reason : undefined);
    return { sign: "failed", word: "failed", ...(note === undefined ? {} : { note }) };
  }
  if (state.end === "nothing to do" || outcome?.status === "skipped")
    return { sign: "ended", word: "nothing to do", note: outcome?.text ?? "Git says so already" };
  const { commit, branch } = state;
  if (branch === undefined) return { sign: "applied", word: "written", commit };
  return isSo
    ? { sign: "applied", word: "in force", note: `It went for review on branch ${branch}`, commit }
    : { sign: "waiting", word: "sent for review", note: `On branch ${branch}; it counts once that is merged`, commit };
}
