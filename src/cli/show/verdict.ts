import type { Verdict, VerdictState } from "../../model/verdict.ts";
import type { Colour, Paint } from "./paint.ts";

const signs: Readonly<Record<VerdictState, readonly [sign: string, colour: Colour]>> = {
  healthy: ["✓", "green"],
  applied: ["○", "green"],
  "rolling out": ["◐", "blue"],
  failed: ["✗", "red"],
  missing: ["✗", "red"],
  unknown: ["?", "grey"],
};

/** A verdict as sign and word, with the pods while they move: `◐ rolling out 1/3`. */
export function showVerdict(verdict: Verdict, paint: Paint): string {
  const [sign, colour] = signs[verdict.state];
  const pods = verdict.state === "rolling out" || verdict.state === "failed" ? podsOf(verdict) : "";
  return paint(colour, `${sign} ${verdict.state}${pods}`);
}
function podsOf(verdict: Verdict): string {
  return verdict.desired > 0 ? ` ${Math.min(verdict.ready, verdict.updated)}/${verdict.desired}` : "";
}

/** The first line of evidence, which stands beside every trouble. */
export function firstEvidence(verdict: Verdict): string | undefined {
  const [first] = verdict.evidence;
  return first && `${first.object}: ${first.reason}${first.message === "" ? "" : `: ${first.message}`}`;
}
