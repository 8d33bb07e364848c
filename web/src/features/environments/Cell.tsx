import { IconLock, IconPlayerPause } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { showVersion } from "../../../../src/model/image.ts";
import type { CellContainer, CellView, RowView } from "../../../../src/model/views.ts";
import { brief } from "../../signs/alike.ts";
import { cellLook, standsSince } from "../../signs/look.ts";
import { Sign } from "../../signs/Sign.tsx";
import { useNow } from "../../time/now.ts";
import { showAge, showMoment } from "../../time/words.ts";
import style from "./Matrix.module.css";
import { mainContainer } from "./matrix.ts";

interface CellProps {
  readonly cell: CellView;
  readonly row: RowView;
  readonly marked?: boolean;
  /** Where cells can be marked together, with shift. */
  readonly mark?: () => void;
}

/** One workload in one environment: sign, version, age, and the line that matters most. Opens the workload there. */
export function Cell({ cell, row, marked = false, mark }: CellProps) {
  const now = useNow();
  const look = cellLook(cell, now);
  const main = mainContainer(cell, row.name);
  const version = main === undefined ? "no image" : showVersion(main.version);
  const at = standsSince(cell);
  return (
    <Link
      to="/workloads/$namespace/$kind/$name"
      params={{ namespace: row.namespace, kind: row.kind.toLowerCase(), name: row.name }}
      search={{ at: cell.environment }}
      className={style.cell}
      data-tone={look.stale ? "stale" : look.sign}
      data-marked={marked || undefined}
      aria-label={`${row.name} in ${cell.environment}: ${version}, ${look.word}, ${brief(look.line)}${marked ? ", marked" : ""}`}
      onClick={(event) => {
        if (!event.shiftKey || mark === undefined) return;
        event.preventDefault();
        mark();
      }}
    >
      <Sign name={look.sign} progress={look.progress} />
      <span className={style.version} title={imagesTitle(cell)}>
        <b data-long={version.length > 12 || undefined}>{version}</b>
        {cell.locked !== undefined && <IconLock size={13} aria-hidden className="muted" />}
        {cell.holds.length > 0 && <IconPlayerPause size={13} aria-hidden className="muted" />}
      </span>
      <span className={style.end}>
        <Newer container={main} />
        {at !== undefined && version.length <= 12 && (
          <span className={style.age} title={showMoment(at)}>
            {showAge(now - at)}
          </span>
        )}
      </span>
      <small data-tone={look.lineTone} title={look.line}>
        {brief(look.line)}
      </small>
    </Link>
  );
}

function Newer({ container }: { container: CellContainer | undefined }) {
  const behind = container?.behind ?? 0;
  if (behind === 0) return null;
  const offered = container?.next?.toVersion;
  const title = `${behind} newer in the registry${offered === undefined ? "" : `; its stage's source offers ${showVersion(offered)}`}`;
  return (
    <span className={style.up} title={title}>
      {behind} newer
    </span>
  );
}

function imagesTitle(cell: CellView): string {
  return cell.containers.map((container) => `${container.container}: ${container.image}`).join("\n");
}
