import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { matrixQuery } from "../../api/queries.ts";
import { ButtonLink } from "../../frame/links.tsx";
import { Empty, Problem } from "../../frame/Notices.tsx";
import { WorkloadPolicy } from "../policy/WorkloadPolicy.tsx";
import { Cell } from "./Cell.tsx";
import { kindWord } from "./kindWord.ts";
import style from "./Place.module.css";
import { WorkloadHere } from "./WorkloadHere.tsx";
import { WorkloadHistory } from "./WorkloadHistory.tsx";
import { WorkloadImages } from "./WorkloadImages.tsx";

const route = getRouteApi("/workloads/$namespace/$kind/$name");
const tabs = [
  { id: "images", word: "Images" },
  { id: "history", word: "History" },
  { id: "policy", word: "Policy" },
] as const;

/** One workload: how it is everywhere, the images it could have, its history and its rules. */
export function WorkloadPage() {
  const { namespace, kind, name } = route.useParams();
  const { at, tab } = route.useSearch();
  const navigate = route.useNavigate();
  const matrix = useQuery(matrixQuery);
  if (matrix.error !== null && matrix.data === undefined) return <Problem error={matrix.error} />;
  if (matrix.data === undefined) return <h1>{name}</h1>;
  const id = `${namespace}:${kind}/${name}`;
  const row = matrix.data.rows.find((entry) => entry.id === id);
  if (row === undefined)
    return (
      <Empty title={`There is no workload ${id}`}>
        <p>Git does not name it in any environment.</p>
        <Link to="/">See those there are</Link>
      </Empty>
    );
  const cells = matrix.data.environments.flatMap((environment) => row.cells[environment.name] ?? []);
  const here = at === undefined ? undefined : row.cells[at];
  const shown = tab ?? (here === undefined ? "images" : "here");
  const all = here === undefined ? tabs : [{ id: "here", word: `In ${here.environment}` }, ...tabs];
  return (
    <>
      <title>{`${name} · Sluice`}</title>
      <div className={style.top}>
        <div>
          <h1>{name}</h1>
          <p className="muted">
            {kindWord(kind)} in namespace {namespace}
          </p>
        </div>
        <ButtonLink to="/deploy" search={{ ...(at === undefined ? {} : { to: at }), pick: id }}>
          Deploy{here === undefined ? "" : ` into ${here.environment}`}
        </ButtonLink>
      </div>
      <div className={style.cells}>
        {cells.map((cell) => (
          <div key={cell.environment} data-here={cell.environment === at || undefined}>
            <h2>{cell.environment}</h2>
            <Cell cell={cell} row={row} />
          </div>
        ))}
      </div>
      <div role="tablist" className={style.tabs} aria-label={`About ${name}`}>
        {all.map(({ id: key, word }) => (
          <button
            key={key}
            type="button"
            role="tab"
            aria-selected={shown === key}
            onClick={() => void navigate({ search: { ...(at === undefined ? {} : { at }), tab: key }, replace: true })}
          >
            {word}
          </button>
        ))}
      </div>
      <div role="tabpanel">
        {shown === "here" && here !== undefined && <WorkloadHere cell={here} />}
        {shown === "images" && <WorkloadImages workload={id} cells={cells} at={at} />}
        {shown === "history" && <WorkloadHistory workload={id} />}
        {shown === "policy" && <WorkloadPolicy cells={cells} workload={id} name={name} />}
      </div>
    </>
  );
}
