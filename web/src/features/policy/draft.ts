import type { PolicyUpdate } from "../../../../src/model/policy.ts";
import type { CellView } from "../../../../src/model/views.ts";

/** What a person has set in the form. */
export interface PolicyDraft {
  readonly automated: boolean;
  readonly locked: boolean;
  /** Why it is locked. */
  readonly reason: string;
  /** Tag filter by container; empty means every tag. */
  readonly filters: Readonly<Record<string, string>>;
}
type Written = Pick<CellView, "workload" | "containers" | "locked" | "automated" | "policy">;

const everyTag = "glob:*";

/** The form as it opens: what Git says now. */
export function draftOf(cell: Written): PolicyDraft {
  const filters = Object.fromEntries(
    cell.containers.map(({ container }) => [container, cell.policy[`tag.${container}`] ?? ""]),
  );
  return {
    automated: cell.automated,
    locked: cell.locked !== undefined,
    reason: cell.locked?.message ?? "",
    filters,
  };
}

/** The update that makes Git say what the form says; undefined when it says so already. */
export function updateOf(cell: Written, draft: PolicyDraft): PolicyUpdate | undefined {
  const before = draftOf(cell);
  const add: Record<string, string> = {};
  const remove: string[] = [];
  if (draft.automated && !before.automated) add.automated = "true";
  if (!draft.automated && before.automated) remove.push("automated");
  const reason = draft.reason.trim();
  if (draft.locked && (!before.locked || reason !== before.reason)) {
    add.locked = "true";
    add.locked_msg = reason;
  }
  if (!draft.locked && before.locked) remove.push("locked");
  for (const [container, text] of Object.entries(draft.filters)) {
    const filter = text.trim();
    const old = before.filters[container] ?? "";
    if (filter === old || (filter === everyTag && old === "")) continue;
    if (filter === "" || filter === everyTag) remove.push(`tag.${container}`);
    else add[`tag.${container}`] = filter;
  }
  if (Object.keys(add).length === 0 && remove.length === 0) return undefined;
  return { workload: cell.workload, add, remove };
}

/** What an update does, a sentence each. */
export function words({ add, remove }: PolicyUpdate): string[] {
  const set = Object.entries(add).flatMap(([key, value]) => {
    if (key === "automated") return ["Automation may move it."];
    if (key === "locked") return [`Nothing moves it any more${add.locked_msg === "" ? "." : `: ${add.locked_msg}`}`];
    if (key.startsWith("tag.")) return [`${key.slice(4)} takes tags that fit ${value}.`];
    return [];
  });
  const taken = remove.map((key) => {
    if (key === "automated") return "Automation leaves it alone.";
    if (key === "locked") return "The lock is lifted.";
    return `${key.slice(4)} takes every tag.`;
  });
  return [...set, ...taken];
}
