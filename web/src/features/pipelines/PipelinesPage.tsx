import { SegmentedControl } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import type { Promotion } from "../../../../src/model/release.ts";
import type { MatrixView, PipelineView } from "../../../../src/model/views.ts";
import { matrixQuery, pipelinesQuery, promotionsQuery } from "../../api/queries.ts";
import { Empty, Problem } from "../../frame/Notices.tsx";
import { useNow } from "../../time/now.ts";
import style from "./Pipelines.module.css";
import { StageCard, type StageCardProps } from "./StageCard.tsx";
import { stageSummary } from "./stages.ts";
import { Waits } from "./Waits.tsx";

const PipelineGraph = lazy(() => import("./PipelineGraph.tsx"));
const route = getRouteApi("/pipelines");

/** The way from the registry to the last stage, drawn, with everything that can be done on it. */
export function PipelinesPage() {
  const pipelines = useQuery(pipelinesQuery);
  const matrix = useQuery(matrixQuery);
  const promotions = useInfiniteQuery(promotionsQuery).data?.pages.flatMap((page) => page.items) ?? [];
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const narrow = useMediaQuery("(max-width: 900px)");
  const list = search.view === "list" || narrow === true;
  const error = pipelines.error ?? matrix.error;
  const shown = pipelines.data?.find((entry) => entry.name === search.pipeline) ?? pipelines.data?.[0];
  return (
    <>
      <title>Pipelines · Sluice</title>
      <div className={style.top}>
        <div>
          <h1>{shown === undefined ? "Pipelines" : `Pipeline ${shown.name}`}</h1>
          <p className="muted">The same version of a workload has the same colour in every stage.</p>
        </div>
        <div className="row-flex">
          {pipelines.data !== undefined && pipelines.data.length > 1 && (
            <SegmentedControl
              aria-label="Pipeline"
              value={shown?.name ?? ""}
              data={pipelines.data.map((entry) => entry.name)}
              onChange={(pipeline) => void navigate({ search: { ...search, pipeline } })}
            />
          )}
          {narrow === false && (
            <SegmentedControl
              aria-label="Show as"
              value={list ? "list" : "graph"}
              data={[
                { value: "graph", label: "Graph" },
                { value: "list", label: "List" },
              ]}
              onChange={(view) => {
                const { view: _, ...rest } = search;
                void navigate({ search: view === "list" ? { ...rest, view } : rest, replace: true });
              }}
            />
          )}
        </div>
      </div>
      {error !== null && (
        <Problem error={error} retry={() => void Promise.all([pipelines.refetch(), matrix.refetch()])} />
      )}
      {pipelines.data?.length === 0 && (
        <div className="card">
          <Empty title="No pipeline yet">
            Write a Pipeline document into the configuration repository. Without one, workloads follow their own
            annotations and can be deployed by hand.
          </Empty>
        </div>
      )}
      {error === null && (shown === undefined || matrix.data === undefined) && pipelines.data?.length !== 0 && (
        <div className={`card ${style.wait}`} style={{ height: 380 }} aria-busy="true" />
      )}
      {shown !== undefined && matrix.data !== undefined && (
        <Shown
          pipeline={shown}
          matrix={matrix.data}
          promotions={promotions.map((entry) => entry.promotion)}
          list={list}
        />
      )}
    </>
  );
}

interface ShownProps {
  readonly pipeline: PipelineView;
  readonly matrix: MatrixView;
  readonly promotions: readonly Promotion[];
  readonly list: boolean;
}

function Shown({ pipeline, matrix, promotions, list }: ShownProps) {
  const now = useNow();
  const cards = pipeline.stages.map(
    (stage): StageCardProps => ({
      pipeline: pipeline.name,
      stage,
      summary: stageSummary(pipeline, stage, matrix, now),
      last: lastToTakeBack(promotions, pipeline.name, stage.name),
    }),
  );
  if (list)
    return (
      <ol className={style.list}>
        {cards.map((card) => (
          <li key={card.stage.name}>
            <StageCard {...card} />
          </li>
        ))}
        <li>
          <Waits cards={cards} />
        </li>
      </ol>
    );
  return (
    <>
      <Suspense fallback={<div className="card" style={{ height: 380 }} aria-busy="true" />}>
        <PipelineGraph key={pipeline.name} pipeline={pipeline} cards={cards} />
      </Suspense>
      <Waits cards={cards} />
    </>
  );
}

/** The newest promotion of a stage, where it wrote something and is not itself a rollback. */
function lastToTakeBack(promotions: readonly Promotion[], pipeline: string, stage: string): Promotion | undefined {
  const last = promotions.find(
    (entry) => entry.pipeline === pipeline && entry.stage === stage && entry.state !== "nothing to do",
  );
  if (last === undefined || last.reverts !== undefined) return undefined;
  return ["succeeded", "failed", "under way"].includes(last.state) ? last : undefined;
}
