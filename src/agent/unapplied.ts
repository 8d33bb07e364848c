import type { ImageRules } from "../model/documents.ts";
import type { WorkloadReport } from "../model/report.ts";
import type { Workload } from "../model/workload.ts";
import type { EnvironmentTree } from "../repositories/trees.ts";

/**
 * The server's rules as far as an agent follows them. What stands in the agent's own paths is applied, whatever the
 * server says of it: nobody outside can make an agent leave objects out, and so prune them.
 */
export function followedRules(images: ImageRules, paths: readonly string[]): ImageRules {
  const folders = paths.map(stepsOf);
  const isApplied = (path: string) => {
    const steps = stepsOf(path);
    return folders.some((folder) => folder.every((step, index) => steps[index] === step));
  };
  return { ...images, files: images.files.filter(({ path }) => !isApplied(path)) };
}

function stepsOf(path: string): string[] {
  return path.split("/").filter((step) => step !== "" && step !== ".");
}

/** Workloads of a commit's files that no agent applies as they stand (kustomizations, charts' values), by the rules followed. */
export function unappliedWorkloads(tree: Pick<EnvironmentTree, "file">, images: ImageRules): Workload[] {
  return images.files.flatMap(({ path }) => tree.file(stepsOf(path).join("/"))?.workloads ?? []);
}

/** What can be said of such a workload: Git names these images, and there is nothing to observe. `at` is when Git was read, in ms. */
export function unappliedReport({ id, containers }: Workload, at: number): WorkloadReport {
  const message = "Git says so; whoever renders this file applies it, so there is nothing to observe";
  return {
    id,
    verdict: { state: "applied", message, since: at, desired: 0, updated: 0, ready: 0, available: 0, evidence: [] },
    containers: containers.map(({ container, image }) => ({ container, image, running: [] })),
    drift: [],
  };
}
