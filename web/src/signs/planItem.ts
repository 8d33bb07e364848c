import type { PlanItem, PlanReason } from "../../../src/model/plan.ts";
import type { SignName } from "./Sign.tsx";

const refusals: Partial<Record<PlanReason, SignName>> = {
  locked: "locked",
  ignored: "locked",
  file_broken: "failed",
  not_editable: "failed",
  not_an_image: "failed",
};

/** The sign of a plan's item: what a person should notice first about it. */
export function itemSign(item: Pick<PlanItem, "status" | "reason" | "forced" | "back">): SignName {
  switch (item.status) {
    case "change":
      return item.forced !== undefined ? "forced" : item.back !== undefined ? "back" : "note";
    case "same":
      return "note";
    case "waiting":
      return "waiting";
    case "refused":
      return (item.reason && refusals[item.reason]) ?? "held";
    case "absent":
      return "ended";
  }
}
