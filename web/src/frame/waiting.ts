import { showVersion } from "../../../src/model/image.ts";
import type { MatrixView, PipelineView } from "../../../src/model/views.ts";
import { containerName } from "../features/releases/words.ts";

/** Something that does not go on without a person. */
export type WaitingItem =
  | {
      readonly kind: "promote";
      readonly stage: string;
      readonly pipeline: string;
      readonly what: readonly string[];
      readonly workloads: readonly string[];
    }
  | { readonly kind: "prune"; readonly environment: string; readonly objects: number; readonly of: number };

/** Stages that move by hand and have something to move, and removals to confirm. */
export function waitingItems(
  matrix: MatrixView | undefined,
  pipelines: readonly PipelineView[] | undefined,
): WaitingItem[] {
  const prunes = (matrix?.environments ?? []).flatMap((environment): WaitingItem[] =>
    environment.prune === undefined
      ? []
      : [
          {
            kind: "prune",
            environment: environment.name,
            objects: environment.prune.objects.length,
            of: environment.prune.of,
          },
        ],
  );
  const stages = (pipelines ?? []).flatMap((pipeline) =>
    pipeline.stages.flatMap((stage): WaitingItem[] => {
      if (stage.promote !== "manual") return [];
      const items = stage.plans.flatMap((plan) => plan.items).filter((item) => item.status === "change");
      if (items.length === 0) return [];
      const what = items.map((item) =>
        `${containerName(item)} ${item.toVersion === undefined ? "" : showVersion(item.toVersion)}`.trim(),
      );
      const workloads = [...new Set(items.map((item) => item.workload))];
      return [{ kind: "promote", stage: stage.name, pipeline: pipeline.name, what: [...new Set(what)], workloads }];
    }),
  );
  return [...prunes, ...stages];
}
