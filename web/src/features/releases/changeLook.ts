import type { ReleaseState } from "../../../../src/model/release.ts";
import { hasEnded } from "../../../../src/model/release.ts";
import type { ReleaseChangeView } from "../../../../src/model/views.ts";
import { evidenceText, leadOf } from "../../signs/alike.ts";
import { progressOf, readyText } from "../../signs/look.ts";
import type { SignName } from "../../signs/Sign.tsx";

export interface ChangeLook {
  readonly sign: SignName;
  readonly word: string;
  /** 0 to 1. */
  readonly progress: number;
  readonly note?: string;
}

/** How far one container of a release is, and in which words. */
export function changeLook(change: ReleaseChangeView, state: ReleaseState): ChangeLook {
  const { outcome, verdict } = change;
  switch (outcome.kind) {
    case "verified":
      return { sign: "healthy", word: "verified", progress: 1 };
    case "failed":
      return {
        sign: "failed",
        word: "failed",
        progress: verdict === undefined ? 0 : progressOf(verdict),
        ...ownNote(change.workload, outcome.reason, saidAround(change, state)),
      };
    case "superseded":
      return { sign: "ended", word: "taken over", progress: 0, note: `Changed again by ${outcome.by}` };
    case "same":
      return { sign: "applied", word: "was there already", progress: 1 };
    case "pending":
      return hasEnded(state)
        ? { sign: "ended", word: "not written", progress: 0 }
        : { sign: "waiting", word: "not written yet", progress: 0 };
    case "written":
      break;
  }
  if (hasEnded(state)) return { sign: "ended", word: "written", progress: 0 };
  if ("step" in state && state.step === "in review") return { sign: "waiting", word: "in review", progress: 0 };
  if (verdict === undefined || ("step" in state && ["pushed", "syncing"].includes(state.step)))
    return { sign: "rolling", word: "written", progress: 0 };
  const ready = readyText(verdict);
  if (verdict.state === "failed" || verdict.evidence.length > 0)
    return { sign: "failed", word: verdict.evidence[0]?.reason ?? "failed", progress: progressOf(verdict) };
  if (verdict.settlesAt !== undefined)
    return { sign: "rolling", word: ready === "" ? "settling" : `${ready}, settling`, progress: 1 };
  return { sign: "rolling", word: ready === "" ? verdict.state : ready, progress: progressOf(verdict) };
}

/** What the environment's card says already when it shows this container. */
function saidAround({ verdict }: ReleaseChangeView, state: ReleaseState): readonly string[] {
  if (!("end" in state)) return (verdict?.evidence ?? []).map(evidenceText);
  if (state.end !== "failed") return [];
  return state.evidence.length > 0 ? state.evidence.map(evidenceText) : [state.reason];
}

/** The reason of one container where it is another than what is said around it. */
function ownNote(workload: string, reason: string, around: readonly string[]): { note?: string } {
  const lead = leadOf(reason, around);
  return lead === "" || lead === workload ? {} : { note: lead };
}
