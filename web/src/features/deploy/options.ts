import type { PipelineView } from "../../../../src/model/views.ts";

export interface Option {
  readonly value: string;
  readonly label: string;
}
export interface OptionGroup {
  readonly group: string;
  readonly items: Option[];
}

function stages(pipelines: readonly PipelineView[]): Option[] {
  return pipelines.flatMap((pipeline) =>
    pipeline.stages.map((stage) => {
      const inside = stage.environments.join(stage.order === "sequence" ? ", then " : ", ");
      const name = pipelines.length > 1 ? `${pipeline.name}/${stage.name}` : stage.name;
      return { value: `${pipeline.name}/${stage.name}`, label: inside === stage.name ? name : `${name} (${inside})` };
    }),
  );
}

/** Where versions can go: stages first, for they bring their gates and order; then single environments. */
export function targetOptions(pipelines: readonly PipelineView[], environments: readonly string[]): OptionGroup[] {
  return [
    { group: "Stages", items: stages(pipelines) },
    { group: "Single environments", items: environments.map((name) => ({ value: name, label: name })) },
  ].filter((group) => group.items.length > 0);
}

/** Where versions can come from: the registry, or any place but the target itself. */
export function sourceOptions(
  pipelines: readonly PipelineView[],
  environments: readonly string[],
  target: string | undefined,
): (Option | OptionGroup)[] {
  return [{ value: "registry", label: "registry" }, ...targetOptions(pipelines, environments)].map((entry) =>
    "items" in entry ? { ...entry, items: entry.items.filter((option) => option.value !== target) } : entry,
  );
}
