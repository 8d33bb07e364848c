import { queryOptions } from "@tanstack/react-query";
import { get } from "../../api/client.ts";

/** What the trial world tells of itself. */
export interface TrialState {
  readonly services: readonly {
    readonly name: string;
    readonly workloads: readonly string[];
    readonly version: string;
  }[];
  readonly environments: readonly { readonly name: string; readonly agent: "running" | "stopped" }[];
  readonly note: string;
}
/** One of the panel's calls. */
export interface Act {
  readonly action: "build" | "change" | "stop-agent" | "start-agent";
  readonly body: Readonly<Record<string, string>>;
}

export const buildKinds = [
  { value: "pull-error", label: "an image that cannot be pulled" },
  { value: "crash", label: "one that crashes at once" },
  { value: "crash-later", label: "one that crashes some seconds after it is ready" },
  { value: "never-ready", label: "one that never gets ready" },
] as const;
export const changeKinds = [
  { value: "replicas", label: "change the replicas" },
  { value: "image", label: "put another image in" },
  { value: "delete", label: "delete it" },
] as const;

export const trialQuery = queryOptions({
  queryKey: ["trial"],
  queryFn: ({ signal }) => get<TrialState>("trial/state", {}, signal),
});
