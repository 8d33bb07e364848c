import type { Stage } from "../../model/documents.ts";
import type { GateResult } from "../../model/gate.ts";
import { showVersion } from "../../model/image.ts";
import type { PlanItem } from "../../model/plan.ts";
import { shortName } from "../../planning/message.ts";

/** The gate of `promote: manual`: opens when a person promotes. Open for stages that promote by themselves. */
export function personGate(stage: Pick<Stage, "name" | "promote">, waiting: readonly PlanItem[]): GateResult {
  if (stage.promote === "automatic")
    return { gate: "person", state: "open", reason: `${stage.name} promotes by itself`, evidence: [] };
  const what = waiting.map((item) =>
    `${shortName(item)} ${item.toVersion === undefined ? "" : showVersion(item.toVersion)}`.trim(),
  );
  return {
    gate: "person",
    state: "waiting",
    reason: `${stage.name} is promoted by hand (promote: manual), and nobody has promoted it yet`,
    who: "anybody who may promote to it",
    evidence: [...new Set(what)].slice(0, 20).map((text) => ({ label: "ready", text })),
  };
}
