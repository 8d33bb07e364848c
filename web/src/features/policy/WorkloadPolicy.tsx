import { Button } from "@mantine/core";
import { useState } from "react";
import { personName } from "../../../../src/model/identity.ts";
import { showVersion } from "../../../../src/model/image.ts";
import type { CellView } from "../../../../src/model/views.ts";
import { Ago } from "../../time/Ago.tsx";
import style from "../environments/Place.module.css";
import { FilterText } from "./FilterText.tsx";
import { PolicyChanges } from "./PolicyChanges.tsx";
import { PolicyEditor } from "./PolicyEditor.tsx";

interface WorkloadPolicyProps {
  readonly cells: readonly CellView[];
  readonly workload: string;
  readonly name: string;
}

/** What may happen to it by itself in each environment, and where that is written. */
export function WorkloadPolicy({ cells, workload, name }: WorkloadPolicyProps) {
  const [editing, setEditing] = useState<string>();
  const edited = cells.find((cell) => cell.environment === editing);
  return (
    <>
      <section className={`card ${style.scroll}`} aria-label="Policy">
        <table className={`${style.images} ${style.stacked}`}>
          <thead>
            <tr>
              <th scope="col">Environment</th>
              <th scope="col">Annotation</th>
              <th scope="col">Lock</th>
              <th scope="col">Tag filters</th>
              <th scope="col">Held back</th>
              <th scope="col">Written in</th>
              <th scope="col">
                <span className="visually-hidden">Change</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {cells.map((cell) => (
              <tr key={cell.environment}>
                <td className={style.lead}>{cell.environment}</td>
                <td className="nowrap">
                  {cell.policy.ignore === "true" ? "ignored" : cell.automated ? "automated" : "not automated"}
                </td>
                <td className={style.across} data-head="lock">
                  {cell.locked === undefined ? (
                    <span className="muted">none</span>
                  ) : (
                    <>
                      by{" "}
                      <span title={cell.locked.by}>
                        {cell.locked.by === undefined ? "somebody" : personName(cell.locked.by)}
                      </span>
                      {cell.locked.message !== undefined && `: ${cell.locked.message}`}
                    </>
                  )}
                </td>
                <td className={style.across} data-head="tag filters">
                  <Filters cell={cell} />
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
                <td className={style.act}>
                  <Button
                    size="compact-sm"
                    variant="default"
                    aria-label={`Change the policy in ${cell.environment}`}
                    onClick={() => setEditing(cell.environment)}
                  >
                    Change
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {edited !== undefined && <PolicyEditor cell={edited} name={name} close={() => setEditing(undefined)} />}
      </section>
      <PolicyChanges workload={workload} cells={cells} />
    </>
  );
}

/** The filter of each container that has one. */
function Filters({ cell }: { cell: CellView }) {
  const filtered = cell.containers.flatMap(({ container, filter }) =>
    filter === undefined ? [] : [{ container, filter }],
  );
  if (filtered.length === 0) return <span className="muted">every tag</span>;
  return filtered.map(({ container, filter }) => (
    <div key={container}>
      {cell.containers.length > 1 && <span className="muted">{container} </span>}
      <FilterText filter={filter} />
      {filter.problem !== undefined && <div className={style.bad}>{filter.problem}</div>}
    </div>
  ));
}
