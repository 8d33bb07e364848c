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

/** What an update does, a sentence each, whoever asked for it. Taking a key away wins over setting it. */
export function updateWords({ add, remove }: PolicyUpdate): string[] {
  const set = Object.entries(add).filter(([key]) => !remove.includes(key));
  return [...set.map(([key, value]) => setWords(key, value, add)), ...remove.map(goneWords)].filter(
    (text) => text !== undefined,
  );
}

function setWords(key: string, value: string, add: PolicyUpdate["add"]): string | undefined {
  if (["automated", "locked", "ignore"].includes(key) && value !== "true") return goneWords(key);
  switch (key) {
    case "automated":
      return "Automation may move it.";
    case "locked":
      return `Nothing moves it any more${add.locked_msg ? `: ${add.locked_msg}` : "."}`;
    case "ignore":
      return "It is neither applied nor released.";
    case "locked_user":
      return undefined;
    case "locked_msg":
      return add.locked === "true" ? undefined : `The lock says: ${value}`;
    default:
      return value === everyTag ? goneWords(key) : `${whose(key)} takes tags that fit ${value}.`;
  }
}

function goneWords(key: string): string | undefined {
  switch (key) {
    case "automated":
      return "Automation leaves it alone.";
    case "locked":
      return "The lock is lifted.";
    case "ignore":
      return "It is applied and released again.";
    case "locked_user":
    case "locked_msg":
      return undefined;
    default:
      return `${whose(key)} has no tag filter of its own any more.`;
  }
}

/** Whom a tag filter is about. */
function whose(key: string): string {
  return key === "tag_all" ? "Every container" : key.replace(/^tag\./, "");
}
