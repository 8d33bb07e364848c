import type { PlanReason } from "../../../../src/model/plan.ts";
import type { Promotion, PromotionState, ReleaseState } from "../../../../src/model/release.ts";
import { stateWord } from "../../../../src/model/release.ts";
import { parseWorkloadId } from "../../../../src/model/workload.ts";
import type { SignName } from "../../signs/Sign.tsx";

/** The workload's name, with the container where it is called otherwise. */
export function containerName(key: { workload: string; container: string }): string {
  const name = parseWorkloadId(key.workload)?.name ?? key.workload;
  return key.container === name || key.container === "" ? name : `${name}/${key.container}`;
}

/** `Promote catalogue, shipping`; a rollback and a release from the registry have their own verbs. */
export function promotionTitle(
  promotion: Pick<Promotion, "reverts" | "source">,
  releases: readonly { readonly changes: readonly { workload: string; container: string }[] }[],
): string {
  const verb =
    promotion.reverts !== undefined ? "Roll back" : promotion.source.kind === "registry" ? "Release" : "Promote";
  const names = [...new Set(releases.flatMap((release) => release.changes.map(containerName)))];
  if (names.length === 0) return `${verb}: nothing to change`;
  return names.length <= 3
    ? `${verb} ${names.join(", ")}`
    : `${verb} ${names.slice(0, 2).join(", ")} and ${names.length - 2} more`;
}

const breakable: Partial<Record<PlanReason, string>> = {
  locked: "lock",
  ignored: "ignore annotation",
  filtered: "tag filter",
};

/** What was broken for a change: `Forced past its lock and its tag filter`. */
export function forcedWords(forced: readonly PlanReason[]): string {
  return `Forced past ${forced.map((rule) => `its ${breakable[rule] ?? rule}`).join(" and ")}`;
}

/** Sign of a promotion; those that ended without trouble and without doing it all are grey. */
export function promotionSign(state: PromotionState): SignName {
  switch (state) {
    case "under way":
      return "rolling";
    case "waiting":
      return "waiting";
    case "succeeded":
      return "healthy";
    case "failed":
      return "failed";
    case "aborted":
    case "superseded":
    case "nothing to do":
    case "rolled back":
      return "ended";
  }
}

/** Sign and word of a release to one environment. */
export function releaseSign(state: ReleaseState): { sign: SignName; word: string } {
  const word = stateWord(state);
  switch (word) {
    case "succeeded":
      return { sign: "healthy", word: "verified" };
    case "failed":
      return { sign: "failed", word };
    case "gated":
      return { sign: "waiting", word: "waits for its gates" };
    case "queued":
      return { sign: "waiting", word: "waits for its turn" };
    case "in review":
      return { sign: "waiting", word: "waits for its review" };
    case "rolled back":
    case "superseded":
    case "aborted":
    case "nothing to do":
      return { sign: "ended", word };
    default:
      return { sign: "rolling", word };
  }
}
