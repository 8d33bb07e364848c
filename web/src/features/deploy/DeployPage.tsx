import { NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { placeName, readPlace, readTarget, stageAround, stageOf, writePlace } from "../../api/places.ts";
import { matrixQuery, pipelinesQuery } from "../../api/queries.ts";
import { Empty } from "../../frame/Notices.tsx";
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
  const ready = matrix !== undefined && pipelines !== undefined;
  const target = search.to === undefined ? undefined : readTarget(search.to);
  const stage = target && pipelines && stageOf(pipelines, target);
  const offering = stage ?? (target && pipelines && stageAround(pipelines, target));
  const source = search.from === undefined ? (offering?.sources[0] ?? readPlace("registry")) : readPlace(search.from);
  const environments = matrix?.environments.map((entry) => entry.name) ?? [];
  return (
    <>
      <title>Deploy · Sluice</title>
      <h1>Deploy{target === undefined ? "" : ` to ${placeName(target)}`}</h1>
      <div className={style.places}>
        <NativeSelect
          label="Deploy to"
          value={search.to ?? ""}
          data={[
            { value: "", label: "Choose a target", disabled: true },
            ...targetOptions(pipelines ?? [], environments),
          ]}
          onChange={(event) => void navigate({ search: { to: event.currentTarget.value } })}
          disabled={!ready}
        />
        <NativeSelect
          label="From"
          value={writePlace(source)}
          data={sourceOptions(pipelines ?? [], environments, search.to)}
          onChange={(event) => {
            const from = event.currentTarget.value;
            void navigate({ search: { ...(search.to === undefined ? {} : { to: search.to }), from } });
          }}
          disabled={!ready || target === undefined}
        />
      </div>
      {target === undefined ? (
        <div className="card">
          <Empty title="Where should something go?">
            Choose a stage or an environment above. You will see every change before anything is written.
          </Empty>
        </div>
      ) : (
        ready && <Planner key={writePlace(target)} target={target} source={source} stage={stage} />
      )}
    </>
  );
}
