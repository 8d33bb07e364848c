import { useQuery } from "@tanstack/react-query";
import type { CellView } from "../../../../src/model/views.ts";
import { policyChangesQuery } from "../../api/queries.ts";
import { Commit } from "../../frame/Commit.tsx";
import { Problem } from "../../frame/Notices.tsx";
import { actorName } from "../../signs/person.ts";
import { SignedWord } from "../../signs/Sign.tsx";
import { Ago } from "../../time/Ago.tsx";
import style from "../environments/Place.module.css";
import { changeOf } from "./changes.ts";

const shown = 10;

/** The latest changes of a workload's policies: what, who, why, and how each stands. */
export function PolicyChanges({ workload, cells }: { workload: string; cells: readonly CellView[] }) {
  const query = useQuery(policyChangesQuery);
  if (query.error !== null && query.data === undefined)
    return <Problem error={query.error} retry={() => void query.refetch()} />;
  const changes = (query.data ?? [])
    .flatMap((change) => {
      const own = changeOf(
        change,
        workload,
        cells.find((cell) => cell.environment === change.environment),
      );
      return own === undefined ? [] : [{ change, own }];
    })
    .slice(0, shown);
  return (
    <section className={`card ${style.scroll} ${style.changes}`} aria-label="Latest policy changes">
      <h2>Latest changes</h2>
      <table className={`${style.images} ${style.stacked} ${style.wrapping}`}>
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Environment</th>
            <th scope="col">Change</th>
            <th scope="col">By</th>
            <th scope="col">When</th>
            <th scope="col">Commit</th>
          </tr>
        </thead>
        <tbody>
          {changes.map(({ change, own }) => (
            <tr key={change.id}>
              <td className={style.lead}>
                <SignedWord name={own.sign} word={own.word} />
              </td>
              <td className="nowrap">{change.environment}</td>
              <td className={style.across}>
                {own.what.map((text) => (
                  <div key={text}>{text}</div>
                ))}
                {change.message !== "" && <div className="muted small">{change.message}</div>}
                {own.note !== undefined && <div className="small">{own.note}</div>}
              </td>
              <td className="muted nowrap">{actorName(change.by)}</td>
              <td className="muted nowrap">
                <Ago at={change.createdAt} suffix=" ago" />
              </td>
              <td className="nowrap">{own.commit !== undefined && <Commit id={own.commit} />}</td>
            </tr>
          ))}
          {changes.length === 0 && (
            <tr>
              <td colSpan={6} className="muted">
                {query.data !== undefined && nothingText(query.data.length)}
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </section>
  );
}

function nothingText(looked: number): string {
  return looked === 0
    ? "No policy was changed through Sluice yet."
    : `Not among the latest ${looked} changes of policies.`;
}
