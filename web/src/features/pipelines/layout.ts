import dagre from "@dagrejs/dagre";
import type { PipelineView } from "../../../../src/model/views.ts";

export interface Size {
  readonly width: number;
  readonly height: number;
}
export interface Link {
  readonly id: string;
  readonly source: string;
  readonly target: string;
}
export interface Placed {
  readonly positions: ReadonlyMap<string, { readonly x: number; readonly y: number }>;
  readonly width: number;
  readonly height: number;
}
export const registryNode = "registry";

/** What flows where: from the registry and between stages. Sources that are single environments belong to their stage. */
export function links(pipeline: PipelineView): Link[] {
  const stageWith = (environment: string) =>
    pipeline.stages.find((stage) => stage.environments.includes(environment))?.name;
  const found = pipeline.stages.flatMap((stage) =>
    stage.sources.flatMap((source): Link[] => {
      const from =
        source.kind === "registry"
          ? registryNode
          : source.kind === "stage"
            ? `stage ${source.stage}`
            : stageWith(source.environment);
      if (from === undefined) return [];
      const id = source.kind === "environment" ? `stage ${from}` : from;
      return [{ id: `${id} > ${stage.name}`, source: id, target: `stage ${stage.name}` }];
    }),
  );
  return [...new Map(found.map((link) => [link.id, link])).values()];
}

/** Places cards from left to right. */
export function layout(sizes: ReadonlyMap<string, Size>, edges: readonly Link[]): Placed {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 28, ranksep: 76, marginx: 4, marginy: 4 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const [id, size] of sizes) graph.setNode(id, { ...size });
  for (const edge of edges)
    if (sizes.has(edge.source) && sizes.has(edge.target)) graph.setEdge(edge.source, edge.target);
  dagre.layout(graph);
  const positions = new Map<string, { x: number; y: number }>();
  for (const [id, size] of sizes) {
    const node = graph.node(id);
    positions.set(id, { x: node.x - size.width / 2, y: node.y - size.height / 2 });
  }
  const { width = 0, height = 0 } = graph.graph();
  return { positions, width, height };
}
