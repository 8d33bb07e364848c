import "@xyflow/react/dist/base.css";
import { IconPackages } from "@tabler/icons-react";
import {
  BaseEdge,
  Controls,
  type Edge,
  EdgeLabelRenderer,
  type EdgeProps,
  getSmoothStepPath,
  Handle,
  MiniMap,
  type Node,
  type NodeChange,
  type NodeProps,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
} from "@xyflow/react";
import { useCallback, useEffect, useMemo, useState } from "react";
import type { PipelineView } from "../../../../src/model/views.ts";
import { Sign, type SignName } from "../../signs/Sign.tsx";
import { layout, links, registryNode, type Size } from "./layout.ts";
import style from "./Pipelines.module.css";
import { StageCard, type StageCardProps } from "./StageCard.tsx";
import { isMoving } from "./stages.ts";

type StageNode = Node<{ card: StageCardProps }, "stage">;
type RegistryNode = Node<Record<string, never>, "registry">;
type FlowEdge = Edge<{ sign: SignName; title: string }, "gate">;

const nodeTypes = {
  stage: ({ data }: NodeProps<StageNode>) => (
    <>
      <Handle type="target" position={Position.Left} className={style.handle} isConnectable={false} />
      <StageCard {...data.card} />
      <Handle type="source" position={Position.Right} className={style.handle} isConnectable={false} />
    </>
  ),
  registry: () => (
    <div className={style.registry}>
      <IconPackages size={20} stroke={1.6} aria-hidden />
      registry
      <Handle type="source" position={Position.Right} className={style.handle} isConnectable={false} />
    </div>
  ),
};
const edgeTypes = { gate: GateEdge };

/** The connection between two cards, with the sign of what a version must pass on it. */
function GateEdge(props: EdgeProps<FlowEdge>) {
  const [path, x, y] = getSmoothStepPath(props);
  return (
    <>
      <BaseEdge path={path} />
      {props.data !== undefined && (
        <EdgeLabelRenderer>
          <span className={style.gate} style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}>
            <Sign name={props.data.sign} title={props.data.title} />
          </span>
        </EdgeLabelRenderer>
      )}
    </>
  );
}

interface GraphProps {
  readonly pipeline: PipelineView;
  readonly cards: readonly StageCardProps[];
}
const guessed: Size = { width: 310, height: 240 };
const manyStages = 6;

/** The pipeline from left to right. */
export default function PipelineGraph(props: GraphProps) {
  return (
    <ReactFlowProvider>
      <Graph {...props} />
    </ReactFlowProvider>
  );
}

function Graph({ pipeline, cards }: GraphProps) {
  const [sizes, setSizes] = useState<ReadonlyMap<string, Size>>(new Map());
  const flow = useReactFlow();
  const connections = useMemo(() => links(pipeline), [pipeline]);
  const ids = useMemo(() => {
    const stages = pipeline.stages.map((stage) => `stage ${stage.name}`);
    return connections.some((link) => link.source === registryNode) ? [registryNode, ...stages] : stages;
  }, [pipeline, connections]);
  const placed = useMemo(
    () => layout(new Map(ids.map((id) => [id, sizes.get(id) ?? guessed])), connections),
    [ids, sizes, connections],
  );
  const nodes = ids.map((id): StageNode | RegistryNode => {
    const size = sizes.get(id);
    const base = { id, position: placed.positions.get(id)!, ...(size === undefined ? {} : { measured: size }) };
    if (id === registryNode) return { ...base, type: "registry", data: {} };
    return { ...base, type: "stage", data: { card: cards.find((card) => `stage ${card.stage.name}` === id)! } };
  });
  const edges = connections.map((link): FlowEdge => {
    const card = cards.find((entry) => `stage ${entry.stage.name}` === link.target)!;
    const moving = isMoving(card.stage);
    return { ...link, type: "gate", animated: moving, data: gateOf(card, moving) };
  });
  const measure = useCallback((changes: NodeChange<StageNode | RegistryNode>[]) => {
    const measured = changes.flatMap((change) =>
      change.type === "dimensions" && change.dimensions !== undefined ? [[change.id, change.dimensions] as const] : [],
    );
    if (measured.length > 0) setSizes((before) => new Map([...before, ...measured]));
  }, []);
  const { width, height } = placed;
  useEffect(() => {
    // The graph's size decides the zoom, so it is fitted again whenever that changes.
    if (width > 0 && height > 0) void flow.fitView({ maxZoom: 1, padding: 0.03 });
  }, [flow, width, height]);
  return (
    <div className={style.canvas} style={{ height: Math.min(760, height + 44) }}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodesChange={measure}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        zoomOnScroll={false}
        zoomOnDoubleClick={false}
        preventScrolling={false}
        minZoom={0.2}
        maxZoom={1}
        fitView
        fitViewOptions={{ maxZoom: 1, padding: 0.03 }}
        proOptions={{ hideAttribution: true }}
      >
        {cards.length > manyStages && <Controls showInteractive={false} />}
        {cards.length > manyStages && <MiniMap pannable />}
      </ReactFlow>
    </div>
  );
}

function gateOf(card: StageCardProps, moving: boolean): { sign: SignName; title: string } {
  const { stage, summary } = card;
  if (moving) return { sign: "rolling", title: `Moving into ${stage.name}` };
  if (stage.inReview.length > 0) return { sign: "waiting", title: `${stage.name} waits for a review` };
  const closed = stage.gates.find((gate) => gate.state !== "open");
  if (closed !== undefined) return { sign: closed.state === "waiting" ? "waiting" : "failed", title: closed.reason };
  if (summary.ready.length > 0) return { sign: "waiting", title: `${stage.name} waits for a person` };
  return {
    sign: "healthy",
    title: stage.promote === "automatic" ? `Moves into ${stage.name} by itself` : `Nothing waits before ${stage.name}`,
  };
}
