import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { matrixQuery } from "../../api/queries.ts";
import { ButtonLink } from "../../frame/links.tsx";
import { Empty, Problem } from "../../frame/Notices.tsx";
import { useNow } from "../../time/now.ts";
import { Filters } from "./Filters.tsx";
import style from "./Matrix.module.css";
import { Matrix } from "./Matrix.tsx";
import { MatrixSkeleton } from "./MatrixSkeleton.tsx";
import { columnGroups, rowGroups, summary } from "./matrix.ts";
import { ConfigurationProblems, EnvironmentProblems } from "./Problems.tsx";
import { PruneBanner } from "./PruneBanner.tsx";
import { SelectionBar } from "./SelectionBar.tsx";
import { type CellSelection, toggleCell } from "./selection.ts";

const route = getRouteApi("/");

/** What runs where: every workload in every environment. */
export function EnvironmentsPage() {
  const matrix = useQuery(matrixQuery);
  const search = route.useSearch();
  const [selection, setSelection] = useState<CellSelection>();
  const now = useNow();
  const { data } = matrix;
  const filter = { text: search.q ?? "", differs: search.differs === true, attention: search.attention === true };
  const groups = data === undefined ? [] : rowGroups(data, filter, now);
  return (
    <>
      <title>Environments · Sluice</title>
      <div className={style.top}>
        <h1>Environments</h1>
        <ButtonLink to="/deploy">Deploy</ButtonLink>
      </div>
      <p className={style.summary}>{data === undefined ? "Reading what runs where..." : summary(data, now)}</p>
      {matrix.error !== null && <Problem error={matrix.error} retry={() => void matrix.refetch()} />}
      {data !== undefined && <ConfigurationProblems problems={data.problems} />}
      {data?.environments.map((environment) => (
        <PruneBanner key={environment.name} environment={environment} />
      ))}
      <Filters filter={filter} />
      {data === undefined && matrix.error === null && <MatrixSkeleton />}
      {data !== undefined && data.environments.length === 0 && (
        <div className="card">
          <Empty title="No environment yet">
            Write an Environment document into the configuration repository; it appears here as soon as it is pushed.
          </Empty>
        </div>
      )}
      {data !== undefined && data.environments.length > 0 && (
        <>
          <Matrix
            columns={columnGroups(data.environments)}
            groups={groups}
            selection={selection}
            select={(environment, workload) => setSelection((before) => toggleCell(before, environment, workload))}
          />
          <EnvironmentProblems environments={data.environments} />
        </>
      )}
      {selection !== undefined && <SelectionBar selection={selection} clear={() => setSelection(undefined)} />}
    </>
  );
}
