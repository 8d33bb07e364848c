import { workloadNames } from "../completion/names.ts";
import { text } from "./parse.ts";

/** Workloads by short names or whole ids, as many as one likes. */
export function workloadArguments(brief: string) {
  const parameter = { parse: text, placeholder: "WORKLOAD", brief, proposeCompletions: workloadNames } as const;
  return { kind: "array", parameter } as const;
}
