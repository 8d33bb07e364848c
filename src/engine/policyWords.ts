import type { PolicyChange, PolicyOutcome } from "../model/policy.ts";
import { parseWorkloadId } from "../model/workload.ts";
import type { PolicyDeed, PolicyEffect } from "../planning/policyMessage.ts";
import { oneLine } from "../planning/trailers.ts";

/** What events of policy changes say. As in `words.ts` the actor stands beside the text. */

/** A change that was taken up. */
export function acceptedChangeText({ updates, environment, message }: PolicyChange): string {
  const names = updates.map((update) => nameOf(update.workload));
  const shown = names.length <= 3 ? names.join(", ") : `${names.slice(0, 2).join(", ")} and ${names.length - 2} more`;
  return `Changing policies of ${shown} in ${environment}${because(message)}`;
}

/** One deed of a change that is in Git now, with why, and on which branch it waits for review. */
export function deedText(
  deed: PolicyDeed,
  effect: PolicyEffect,
  change: PolicyChange,
  reviewBranch: string | undefined,
): string {
  const text = deedWords(deed, effect, change);
  return reviewBranch === undefined ? text : `For review on ${reviewBranch}: ${text}`;
}

function deedWords(deed: PolicyDeed, effect: PolicyEffect, { environment, message, by }: PolicyChange): string {
  const name = nameOf(effect.workload);
  const place = `${name} in ${environment}`;
  switch (deed) {
    case "automated":
      return `Automated ${place}${because(message)}`;
    case "deautomated":
      return `Deautomated ${place}${because(message)}`;
    case "locked": {
      const user = effect.set.locked_user ?? "";
      const whose = user === "" || user === by.name ? "" : ` for ${oneLine(user)}`;
      return `Locked ${place}${whose}${because(effect.set.locked_msg || message)}`;
    }
    case "unlocked":
      return `Unlocked ${place}${because(message)}`;
    case "updated":
      return `Changed policies of ${place}: ${detailsOf(effect)}${because(message)}`;
  }
}

/** A workload whose policies could not be changed. */
export function failedUpdateText({ workload, text }: PolicyOutcome, { environment }: PolicyChange): string {
  return `Policies of ${nameOf(workload)} in ${environment} could not be changed: ${text ?? "no reason is known"}`;
}

function detailsOf({ set, remove }: PolicyEffect): string {
  const own = (key: string) => !["automated", "locked", "locked_user", "locked_msg"].includes(key);
  const shown = [
    ...Object.entries(set)
      .filter(([key]) => own(key))
      .map(([key, value]) => `${key} is ${oneLine(value)}`),
    ...remove.filter(own).map((key) => `${key} is gone`),
  ];
  return shown.length === 0 ? "the words of the lock" : shown.join(", ");
}
function because(message: string): string {
  return message === "" ? "" : `: ${oneLine(message)}`;
}
function nameOf(workload: string): string {
  return parseWorkloadId(workload)?.name ?? workload;
}
