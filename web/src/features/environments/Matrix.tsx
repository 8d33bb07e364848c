import { Link } from "@tanstack/react-router";
import type { CSSProperties } from "react";
import type { EnvironmentView, RowView } from "../../../../src/model/views.ts";
import { Cell } from "./Cell.tsx";
import { ColumnHead } from "./ColumnHead.tsx";
import { kindWord } from "./kindWord.ts";
import style from "./Matrix.module.css";
import type { ColumnGroup, RowGroup } from "./matrix.ts";
import type { CellSelection } from "./selection.ts";

interface MatrixProps {
  readonly columns: readonly ColumnGroup[];
  readonly groups: readonly RowGroup[];
  readonly selection: CellSelection | undefined;
  readonly select: (environment: string, workload: string) => void;
}

/** The table of workloads and environments. On a narrow screen every workload becomes a card of its own. */
export function Matrix({ columns, groups, selection, select }: MatrixProps) {
  const environments = columns.flatMap((group) => group.environments);
  const width = { "--columns": environments.length } as CSSProperties;
  return (
    <>
      <div className={style.places}>
        {environments.map((environment) => (
          <div key={environment.name} className={style.place}>
            <ColumnHead environment={environment} />
          </div>
        ))}
      </div>
      <div className={`card ${style.wide}`}>
        <table className={style.table} style={width}>
          <caption className="visually-hidden">Version and verdict of every workload in every environment</caption>
          <thead>
            <tr>
              <td className={style.corner} />
              {columns.map((group) => (
                <th
                  key={group.environments[0]?.name}
                  colSpan={group.environments.length}
                  scope="colgroup"
                  className={style.stage}
                >
                  {group.pipeline === undefined ? (
                    group.title
                  ) : (
                    <Link to="/pipelines" search={{ pipeline: group.pipeline }}>
                      {group.title}
                    </Link>
                  )}
                </th>
              ))}
            </tr>
            <tr>
              <th scope="col" className={style.corner}>
                Workload
              </th>
              {environments.map((environment) => (
                <th key={environment.name} scope="col" className={style.head}>
                  <ColumnHead environment={environment} />
                </th>
              ))}
            </tr>
          </thead>
          {groups.map((group) => (
            <tbody key={group.namespace}>
              {groups.length > 1 && (
                <tr className={style.namespace}>
                  <th colSpan={environments.length + 1} scope="rowgroup">
                    {group.namespace}
                  </th>
                </tr>
              )}
              {group.rows.map((row) => (
                <Row key={row.id} row={row} environments={environments} selection={selection} select={select} />
              ))}
            </tbody>
          ))}
          {groups.length === 0 && (
            <tbody>
              <tr>
                <td colSpan={environments.length + 1} className={style.none}>
                  No workload fits these filters.
                </td>
              </tr>
            </tbody>
          )}
        </table>
      </div>
    </>
  );
}

interface RowProps {
  readonly row: RowView;
  readonly environments: readonly EnvironmentView[];
  readonly selection: CellSelection | undefined;
  readonly select: (environment: string, workload: string) => void;
}

function Row({ row, environments, selection, select }: RowProps) {
  const most = Math.max(...Object.values(row.cells).map((cell) => cell.containers.length));
  return (
    <tr>
      <th scope="row" className={style.name}>
        <Link
          to="/workloads/$namespace/$kind/$name"
          params={{ namespace: row.namespace, kind: row.kind.toLowerCase(), name: row.name }}
        >
          {row.name}
        </Link>
        <small>
          {kindWord(row.kind)}
          {most > 1 && `, ${most} images`}
        </small>
      </th>
      {environments.map((environment) => {
        const cell = row.cells[environment.name];
        return (
          <td key={environment.name} data-place={environment.name}>
            {cell === undefined ? (
              <span className={style.absent} title={`${row.name} is not in ${environment.name}`}>
                not here
              </span>
            ) : (
              <Cell
                cell={cell}
                row={row}
                marked={selection?.environment === environment.name && selection.workloads.includes(row.id)}
                mark={() => select(environment.name, row.id)}
              />
            )}
          </td>
        );
      })}
    </tr>
  );
}
