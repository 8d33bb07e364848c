import { IconChevronRight } from "@tabler/icons-react";
import { showVersion } from "../../../../src/model/image.ts";
import type { PlanItem } from "../../../../src/model/plan.ts";
import { Arrow } from "../../signs/Arrow.tsx";
import { Sign } from "../../signs/Sign.tsx";
import type { ContainerRow, WorkloadRow } from "./choices.ts";
import style from "./Deploy.module.css";
import { reasonsOf } from "./reasons.ts";

interface WorkloadLineProps {
  readonly row: WorkloadRow;
  readonly keys: ReadonlySet<string>;
  readonly open: boolean;
  readonly flip: (containers: readonly ContainerRow[]) => void;
  readonly toggle: () => void;
  /** Set where somebody may ask to break its lock. */
  readonly force: (() => void) | undefined;
  /** Another workload is being forced, which goes alone. */
  readonly rests: boolean;
}

/** A workload of the list; opens to its containers, each with a box of its own. */
export function WorkloadLine({ row, keys, open, flip, toggle, force, rests }: WorkloadLineProps) {
  const movable = row.containers.filter((container) => container.movable);
  const chosen = movable.filter((container) => keys.has(container.key));
  const shown = movable[0] ?? row.containers.find((entry) => entry.container === row.name) ?? row.containers[0]!;
  const many = row.containers.length > 1;
  return (
    <div className={style.row} data-chosen={chosen.length > 0 || undefined}>
      <div className={style.line}>
        <input
          type="checkbox"
          aria-label={row.name}
          checked={movable.length > 0 && chosen.length === movable.length}
          disabled={rests || !row.movable}
          ref={(box) => {
            if (box !== null) box.indeterminate = chosen.length > 0 && chosen.length < movable.length;
          }}
          onChange={() => flip(row.containers)}
        />
        <span className={style.rowname}>
          {row.name}
          {many && (
            <button
              type="button"
              className={style.opener}
              aria-expanded={open}
              aria-label={`Containers of ${row.name}`}
              onClick={toggle}
            >
              <IconChevronRight size={14} aria-hidden data-open={open || undefined} />
              {movable.length === 0
                ? `${row.containers.length} images`
                : `${movable.length} of ${row.containers.length} images can move`}
            </button>
          )}
        </span>
        {many && open ? <span /> : <Moves container={shown} />}
      </div>
      {!(many && open) && <Reasons containers={row.containers} force={force} />}
      {many && open && (
        <div className={style.inside}>
          {row.containers.map((container) => (
            <div key={container.key}>
              <div className={style.line}>
                <input
                  type="checkbox"
                  aria-label={`${row.name}, container ${container.container}`}
                  checked={keys.has(container.key)}
                  disabled={rests || !container.movable}
                  onChange={() => flip([container])}
                />
                <span className={style.rowname}>{container.container}</span>
                <Moves container={container} />
              </div>
              <Reasons containers={[container]} force={force} />
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

/** From which version to which; one line for all environments that agree. */
function Moves({ container }: { container: ContainerRow }) {
  const groups = new Map<string, { item: PlanItem; environments: string[] }>();
  for (const { environment, item } of container.places) {
    const key = `${item.status} ${item.from} ${item.to}`;
    const group = groups.get(key) ?? { item, environments: [] };
    group.environments.push(environment);
    groups.set(key, group);
  }
  return (
    <span className={style.moves}>
      {[...groups.values()].map(({ item, environments }) => (
        <span key={environments.join()} className={style.move}>
          <Versions item={item} />
          {groups.size > 1 && <small className="muted">{environments.join(", ")}</small>}
        </span>
      ))}
    </span>
  );
}

function Versions({ item }: { item: PlanItem }) {
  const from = item.fromVersion === undefined ? undefined : showVersion(item.fromVersion);
  const to = item.toVersion === undefined ? undefined : showVersion(item.toVersion);
  if (from === undefined) return <span className="muted">not here</span>;
  if (item.status === "same" || to === undefined || to === from)
    return (
      <>
        <code className="muted">{from}</code>
        {item.status === "same" && <span className="muted small">same</span>}
      </>
    );
  return (
    <>
      <code>
        <span className="muted">{from}</span>
        <Arrow />
        <b>{to}</b>
      </code>
      {item.status === "change" && item.behind !== undefined && item.behind > 1 && (
        <span className="muted small nowrap">{item.behind} newer</span>
      )}
    </>
  );
}

/** What is to be said of it; a lock can be forced past, which is asked for on its own. */
function Reasons({ containers, force }: { containers: readonly ContainerRow[]; force: (() => void) | undefined }) {
  return reasonsOf(containers).map(({ sign, text }) => (
    <p key={text} className={style.reason}>
      <Sign name={sign} size={13} />
      <span>
        {text}
        {sign === "locked" && force !== undefined && (
          <button type="button" className={style.force} onClick={force}>
            Force past the lock
          </button>
        )}
      </span>
    </p>
  ));
}
