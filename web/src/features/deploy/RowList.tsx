import { type KeyboardEvent, useEffect, useRef } from "react";
import { flip, type WorkloadRow } from "./choices.ts";
import style from "./Deploy.module.css";
import { isLocked } from "./reasons.ts";
import { WorkloadLine } from "./WorkloadLine.tsx";

interface RowListProps {
  /** Undefined while the plan is being made. */
  readonly rows: readonly WorkloadRow[] | undefined;
  readonly source: string;
  readonly target: string;
  readonly keys: ReadonlySet<string>;
  readonly open: ReadonlySet<string>;
  readonly choose: (keys: ReadonlySet<string>) => void;
  readonly toggle: (workload: string) => void;
  /** The workload that is forced past its lock: it goes alone. */
  readonly forced: string | undefined;
  readonly force: (workload: string) => void;
  readonly promote: () => void;
  readonly leave: () => void;
}

/** Every workload of the target: those that can move have a box, the others their reason. */
export function RowList(props: RowListProps) {
  const { rows, source, target, keys, open, choose, toggle, forced, force, promote, leave } = props;
  const containers = (rows ?? []).flatMap((row) => row.containers);
  const movable = containers.filter((container) => container.movable);
  const list = useRef<HTMLElement>(null);
  const choosable = movable.length > 0;
  useEffect(() => {
    // Who comes here by keys goes on by keys: the first box that can be chosen, unless something has the focus.
    if (choosable && document.activeElement === document.body)
      list.current?.querySelector<HTMLInputElement>("input:not(:disabled)")?.focus({ preventScroll: true });
  }, [choosable]);
  const every = movable.length > 0 && movable.every((container) => keys.has(container.key));
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.key === "Enter" && (event.target as HTMLElement).matches("input")) promote();
    if (event.key === "Escape") leave();
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const boxes = [...event.currentTarget.querySelectorAll<HTMLInputElement>("input[type=checkbox]:not(:disabled)")];
    const next = boxes[boxes.indexOf(event.target as HTMLInputElement) + (event.key === "ArrowDown" ? 1 : -1)];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  };
  return (
    <section className={`card ${style.list}`} aria-label="Workloads" ref={list} onKeyDown={onKeyDown}>
      <div className={style.listhead}>
        <label className={style.all}>
          <input
            type="checkbox"
            checked={every}
            disabled={movable.length === 0 || forced !== undefined}
            ref={(box) => {
              if (box !== null) box.indeterminate = !every && keys.size > 0;
            }}
            onChange={() => choose(flip(keys, movable))}
          />
          {forced !== undefined
            ? "What is forced goes alone"
            : movable.length === 0
              ? "Nothing can move now"
              : movable.length === 1
                ? "The one that can move"
                : `All ${movable.length} that can move`}
        </label>
        <span className="muted small">
          {source} to {target}
        </span>
      </div>
      {rows === undefined
        ? ["a", "b", "c", "d", "e", "f"].map((bone) => (
            <div key={bone} className={style.bone}>
              <span className="skeleton" style={{ width: 16, height: 16 }} />
              <span className="skeleton" style={{ height: 15 }} />
            </div>
          ))
        : rows.map((row) => (
            <WorkloadLine
              key={row.workload}
              row={row}
              keys={keys}
              open={open.has(row.workload)}
              flip={(inside) => choose(flip(keys, inside))}
              toggle={() => toggle(row.workload)}
              rests={forced !== undefined && forced !== row.workload}
              force={forced === undefined && isLocked(row.containers) ? () => force(row.workload) : undefined}
            />
          ))}
      {rows?.length === 0 && <p className={style.nothing}>There is no workload in {target}.</p>}
    </section>
  );
}
