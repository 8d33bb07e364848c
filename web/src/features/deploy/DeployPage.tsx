import { NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { findPlace, findTarget, placeName, stageAround, stageOf, writePlace } from "../../api/places.ts";
import { matrixQuery, pipelinesQuery } from "../../api/queries.ts";
import { Banner, Empty } from "../../frame/Notices.tsx";
import { Sign } from "../../signs/Sign.tsx";
import style from "./Deploy.module.css";
import { sourceOptions, targetOptions } from "./options.ts";
import { Planner } from "./Planner.tsx";

const route = getRouteApi("/deploy");

/** The six steps on one page: target, source, selection, preview, promote, watch. Every choice stands in the address. */
export function DeployPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const matrix = useQuery(matrixQuery).data;
  const pipelines = useQuery(pipelinesQuery).data;
  const environments = matrix?.environments.map((entry) => entry.name) ?? [];
  const ready = matrix !== undefined && pipelines !== undefined;
  const places = ready ? { pipelines, environments } : undefined;
  const to = places && search.to !== undefined ? findTarget(search.to, places) : undefined;
  const target = to && "place" in to ? to.place : undefined;
  const stage = target && pipelines && stageOf(pipelines, target);
  const offering = stage ?? (target && pipelines && stageAround(pipelines, target));
  const from =
    places && search.from !== undefined
      ? findPlace(search.from, places)
      : { place: offering?.sources[0] ?? ({ kind: "registry" } as const) };
  const source = "place" in from ? from.place : undefined;
  const problems = [to, from].flatMap((found) => (found && "problem" in found ? [found.problem] : []));
  return (
    <>
      <title>Deploy · Sluice</title>
      <h1>Deploy{target === undefined ? "" : ` to ${placeName(target)}`}</h1>
      <div className={style.places}>
        <NativeSelect
          label="Deploy to"
          value={target === undefined ? "" : writePlace(target)}
          data={[
            { value: "", label: "Choose a target", disabled: true },
            ...targetOptions(pipelines ?? [], environments),
          ]}
          onChange={(event) => void navigate({ search: { to: event.currentTarget.value } })}
          disabled={!ready}
        />
        <NativeSelect
          label="From"
          value={source === undefined ? "" : writePlace(source)}
          data={[
            ...(source === undefined ? [{ value: "", label: "Choose a source", disabled: true }] : []),
            ...sourceOptions(pipelines ?? [], environments, target && writePlace(target)),
          ]}
          onChange={(event) => {
            const from = event.currentTarget.value;
            void navigate({ search: { ...(search.to === undefined ? {} : { to: search.to }), from } });
          }}
          disabled={!ready || target === undefined}
        />
      </div>
      {problems.map((problem) => (
        <Banner key={problem} tone="failed">
          <span className="row-flex">
            <Sign name="failed" /> {problem}
          </span>
        </Banner>
      ))}
      {search.to === undefined || problems.length > 0 ? (
        <div className="card">
          <Empty title={target === undefined ? "Where should something go?" : "Where should it come from?"}>
            Choose a stage or an environment above. You will see every change before anything is written.
          </Empty>
        </div>
      ) : (
        target && source && <Planner key={writePlace(target)} target={target} source={source} stage={stage} />
      )}
    </>
  );
}
