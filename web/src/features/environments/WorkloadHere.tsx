import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { personName } from "../../../../src/model/identity.ts";
import { showVersion } from "../../../../src/model/image.ts";
import type { CellView } from "../../../../src/model/views.ts";
import { whyQuery } from "../../api/queries.ts";
import { Commit } from "../../frame/Commit.tsx";
import { alike, evidenceText } from "../../signs/alike.ts";
import { verdictLook } from "../../signs/look.ts";
import { Said } from "../../signs/Said.tsx";
import { Sign, SignedWord } from "../../signs/Sign.tsx";
import { Ago } from "../../time/Ago.tsx";
import { WhyText } from "../releases/WhyPanel.tsx";
import style from "./Place.module.css";

/** A workload in one environment: its verdict with the evidence, what really runs, drift, and why it has its version. */
export function WorkloadHere({ cell }: { cell: CellView }) {
  const { verdict } = cell;
  const look = verdictLook(verdict);
  return (
    <div className={style.two}>
      <div className={style.stack}>
        <section className={`card ${style.pad}`} aria-label="Verdict">
          <div className="row-flex">
            <SignedWord name={look.sign} word={look.word} />
            {cell.problem !== undefined && <SignedWord name="failed" word="not applied" />}
            {cell.drift.length > 0 && <SignedWord name="drifted" word="drifted" />}
            <span className="muted">
              {verdict.since > 0 && (
                <>
                  for <Ago at={verdict.since} />
                </>
              )}
            </span>
          </div>
          {verdict.message !== verdict.state && <p>{verdict.message}</p>}
          {cell.lastKnown !== undefined && (
            <p className="muted">
              Last seen {cell.lastKnown.state}: {cell.lastKnown.message}
            </p>
          )}
          {alike(verdict.evidence, evidenceText).map(({ first, more }) => (
            <p key={`${first.object} ${first.reason}`} className={style.evidence}>
              <b>{first.object}</b>
              {more > 0 && ` and ${more} more`} <Said text={evidenceText(first)} />. For <Ago at={first.since} />.
            </p>
          ))}
          {cell.problem !== undefined && <p className={style.evidence}>Could not be applied: {cell.problem.message}</p>}
          <Stays cell={cell} />
          {cell.release !== undefined && (
            <p>
              <Link to="/releases/$id" params={{ id: cell.release }}>
                {cell.release}
              </Link>{" "}
              is changing it now.
            </p>
          )}
        </section>
        {cell.drift.length > 0 && <Drift cell={cell} />}
        <Running cell={cell} />
      </div>
      <WhyHere cell={cell} />
    </div>
  );
}

/** What keeps it as it is: the lock and the holds, with who and why. */
function Stays({ cell }: { cell: CellView }) {
  const { locked, holds } = cell;
  return (
    <>
      {locked !== undefined && (
        <p className={style.stays}>
          <Sign name="locked" />
          <span>
            Locked{locked.by !== undefined && ` by ${personName(locked.by)}`}
            {locked.message !== undefined && `: ${locked.message}`}
            <span className="muted">
              {" "}
              in{" "}
              <code>
                {cell.file}:{cell.line}
              </code>
            </span>
          </span>
        </p>
      )}
      {holds.map((hold) => (
        <p key={`${hold.container} ${hold.commit}`} className={style.stays}>
          <Sign name="held" />
          <span>
            {hold.what === "*" ? "Every version" : showVersion(hold.what)} held back by {hold.by}{" "}
            <Ago at={hold.at} suffix=" ago" />: {hold.reason}
          </span>
        </p>
      ))}
    </>
  );
}

function Drift({ cell }: { cell: CellView }) {
  return (
    <section className={`card ${style.scroll}`} aria-label="Drift">
      <table className={`${style.images} ${style.stacked} ${style.wrapping}`}>
        <thead>
          <tr>
            <th scope="col">Drifted field</th>
            <th scope="col">Git</th>
            <th scope="col">Live</th>
          </tr>
        </thead>
        <tbody>
          {cell.drift.map((entry) => (
            <tr key={entry.field}>
              <td className={`${style.lead} ${style.across}`}>
                {entry.field === "" ? "the whole object" : <code>{entry.field}</code>}
              </td>
              <td className={style.across} data-head="Git">
                <code>{entry.git}</code>
              </td>
              <td className={style.across} data-head="live">
                <code>{entry.live}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Running({ cell }: { cell: CellView }) {
  return (
    <section className={`card ${style.scroll}`} aria-label="Containers">
      <table className={`${style.images} ${style.stacked}`}>
        <thead>
          <tr>
            <th scope="col">Container</th>
            <th scope="col">Git names</th>
            <th scope="col">Really runs</th>
          </tr>
        </thead>
        <tbody>
          {cell.containers.map((container) => (
            <tr key={container.container}>
              <td className={`${style.lead} ${style.across}`}>
                {container.container}
                {container.init && <span className="muted"> (init)</span>}
              </td>
              <td className={style.across} data-head="Git names">
                <code>{container.image}</code>
                {container.fixed !== undefined && (
                  <div className="muted small">It cannot be changed in Git: {container.fixed}</div>
                )}
              </td>
              <td className={style.across} data-head="really runs">
                {container.running.length === 0 && <span className="muted">no pods seen</span>}
                {container.running.map((entry) => (
                  <div key={`${entry.image} ${entry.digest}`} className="nowrap">
                    {entry.pods} {entry.pods === 1 ? "pod" : "pods"}{" "}
                    <code>{entry.image.slice(entry.image.lastIndexOf("/") + 1)}</code>{" "}
                    {entry.digest !== undefined && <Commit id={entry.digest} length={12} />}
                  </div>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className={style.written}>
        Written in{" "}
        <code>
          {cell.file}:{cell.line}
        </code>
      </p>
    </section>
  );
}

function WhyHere({ cell }: { cell: CellView }) {
  const answers = useQuery(whyQuery(cell.environment, cell.workload));
  return (
    <section className="card" aria-label="Why this version" style={{ minHeight: 120 }}>
      <h2 style={{ padding: "12px 18px 0" }}>Why this version?</h2>
      {answers.error !== null && <p className={style.why}>{answers.error.message}</p>}
      {(answers.data ?? [])
        .filter((answer) => answer.environment === cell.environment)
        .map((answer) => (
          <div key={answer.container} className={style.why}>
            {cell.containers.length > 1 && <h3>{answer.container}</h3>}
            <WhyText why={answer.why} />
          </div>
        ))}
    </section>
  );
}
