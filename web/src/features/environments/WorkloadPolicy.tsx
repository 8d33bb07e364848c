import { showVersion } from "../../../../src/model/image.ts";
import type { CellView } from "../../../../src/model/views.ts";
import { Ago } from "../../time/Ago.tsx";
import style from "./Place.module.css";

/** What may happen to it by itself in each environment, and where that is written. */
export function WorkloadPolicy({ cells }: { cells: readonly CellView[] }) {
  return (
    <section className={`card ${style.scroll}`} aria-label="Policy">
      <table className={`${style.images} ${style.stacked}`}>
        <thead>
          <tr>
            <th scope="col">Environment</th>
            <th scope="col">Annotation</th>
            <th scope="col">Lock</th>
            <th scope="col">Held back</th>
            <th scope="col">Written in</th>
          </tr>
        </thead>
        <tbody>
          {cells.map((cell) => (
            <tr key={cell.environment}>
              <td className={style.lead}>{cell.environment}</td>
              <td>{cell.automated ? "automated" : "not automated"}</td>
              <td className={style.across} data-head="lock">
                {cell.locked === undefined ? (
                  <span className="muted">none</span>
                ) : (
                  <>
                    by {cell.locked.by ?? "somebody"}
                    {cell.locked.message !== undefined && `: ${cell.locked.message}`}
                  </>
                )}
              </td>
              <td className={style.across} data-head="held back">
                {cell.holds.length === 0 && <span className="muted">nothing</span>}
                {cell.holds.map((hold) => (
                  <div key={`${hold.container} ${hold.commit}`}>
                    {hold.what === "*" ? "every version" : showVersion(hold.what)} by {hold.by},{" "}
                    <Ago at={hold.at} suffix=" ago" />: {hold.reason}
                  </div>
                ))}
              </td>
              <td className={`nowrap ${style.across}`} data-head="written in">
                <code>
                  {cell.file}:{cell.line}
                </code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
