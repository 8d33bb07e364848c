import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { EnvironmentView } from "../../../../src/model/views.ts";
import { matrixQuery } from "../../api/queries.ts";
import { Commit } from "../../frame/Commit.tsx";
import { ButtonLink } from "../../frame/links.tsx";
import { Empty, Problem } from "../../frame/Notices.tsx";
import { cellLook } from "../../signs/look.ts";
import { Sign, SignedWord } from "../../signs/Sign.tsx";
import { Ago } from "../../time/Ago.tsx";
import { useNow } from "../../time/now.ts";
import { showClock } from "../../time/words.ts";
import { EnvironmentEvents } from "../activity/EnvironmentEvents.tsx";
import { Cell } from "./Cell.tsx";
import style from "./Place.module.css";
import { ProblemList } from "./Problems.tsx";
import { PruneBanner } from "./PruneBanner.tsx";

const route = getRouteApi("/environments/$name");

/** One environment: where it comes from, how fresh it is, what is wrong, and every workload in it. */
export function EnvironmentPage() {
  const { name } = route.useParams();
  const matrix = useQuery(matrixQuery);
  const now = useNow();
  if (matrix.error !== null && matrix.data === undefined) return <Problem error={matrix.error} />;
  if (matrix.data === undefined) return <h1>{name}</h1>;
  const environment = matrix.data.environments.find((entry) => entry.name === name);
  if (environment === undefined)
    return (
      <Empty title={`There is no environment ${name}`}>
        <Link to="/">See those there are</Link>
      </Empty>
    );
  const rows = matrix.data.rows.filter((row) => row.cells[name] !== undefined);
  const troubled = rows.filter((row) => cellLook(row.cells[name]!, now).attention).length;
  return (
    <>
      <title>{`${name} · Sluice`}</title>
      <div className={style.top}>
        <div>
          <h1>{name}</h1>
          <p className="muted">
            {rows.length} {rows.length === 1 ? "workload" : "workloads"}
            {troubled > 0 && `, ${troubled} ${troubled === 1 ? "needs" : "need"} attention`}
          </p>
        </div>
        <ButtonLink to="/deploy" search={{ to: name }}>
          Deploy here
        </ButtonLink>
      </div>
      <PruneBanner environment={environment} />
      <div className={style.two}>
        <section className={`card ${style.grid}`} aria-label="Workloads">
          {rows.map((row) => (
            <div key={row.id} className={style.line}>
              <strong>{row.name}</strong>
              <Cell cell={row.cells[name]!} row={row} />
            </div>
          ))}
          {rows.length === 0 && (
            <Empty title="Nothing here yet">Add manifests under {environment.git.paths.join(", ")}.</Empty>
          )}
        </section>
        <div className={style.stack}>
          <Facts environment={environment} />
          {(environment.problems.length > 0 || environment.difference !== undefined) && (
            <section className={`card ${style.pad}`} aria-label="Problems">
              <h2 className="row-flex">
                <Sign name="failed" /> Problems
              </h2>
              {environment.difference !== undefined && <p>{environment.difference}</p>}
              <ProblemList problems={environment.problems} />
            </section>
          )}
          <EnvironmentEvents environment={name} />
        </div>
      </div>
    </>
  );
}

function Facts({ environment }: { environment: EnvironmentView }) {
  const { agent, applied, attempted, head, git, stage } = environment;
  const now = useNow();
  const seen = agent.lastSeenAt;
  return (
    <dl className={`card ${style.facts}`}>
      <div>
        <dt>Agent</dt>
        <dd>
          {agent.connected ? (
            <SignedWord name="healthy" word="connected" />
          ) : (
            <SignedWord
              name="unknown"
              word={seen === undefined ? "never seen" : `away since ${showClock(seen, now)}`}
            />
          )}
        </dd>
      </div>
      <div>
        <dt>Applied</dt>
        <dd>
          {applied === undefined ? (
            "nothing yet"
          ) : (
            <>
              <Commit id={applied.commit} />{" "}
              <span className="muted">
                <Ago at={applied.at} suffix=" ago" />
              </span>
            </>
          )}
        </dd>
      </div>
      {attempted !== undefined && attempted.commit !== applied?.commit && (
        <div>
          <dt>Tried</dt>
          <dd>
            <Commit id={attempted.commit} /> <span className="muted">not every object of it could be applied</span>
          </dd>
        </div>
      )}
      <div>
        <dt>Head of {git.branch}</dt>
        <dd>{head === undefined ? "not read yet" : <Commit id={head} />}</dd>
      </div>
      <div>
        <dt>Git</dt>
        <dd className={style.breakable}>
          {git.repository} <span className="muted">{git.paths.join(", ")}</span>
        </dd>
      </div>
      <div>
        <dt>Cluster</dt>
        <dd>{environment.cluster}</dd>
      </div>
      <div>
        <dt>Stage</dt>
        <dd>
          {stage === undefined ? (
            "in no pipeline"
          ) : (
            <Link to="/pipelines" search={{ pipeline: stage.pipeline }}>
              {stage.stage} of {stage.pipeline}
            </Link>
          )}
        </dd>
      </div>
    </dl>
  );
}
