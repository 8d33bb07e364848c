import type { ReleaseView } from "../../../../src/model/views.ts";
import { Commit } from "../../frame/Commit.tsx";
import { useNow } from "../../time/now.ts";
import { showClock, showMoment, showSpan } from "../../time/words.ts";
import style from "./Release.module.css";
import { type Stop, track } from "./track.ts";

/** The stops of a release from left to right, with times and how long each took. */
export function Track({ release }: { release: ReleaseView }) {
  return (
    <ol className={style.track}>
      {track(release as Parameters<typeof track>[0]).map((stop) => (
        <li
          key={`${stop.word} ${stop.at ?? ""}`}
          data-kind={stop.kind}
          aria-current={stop.kind === "now" ? "step" : undefined}
        >
          <span className={style.stopword}>
            {stop.word}
            {stop.commit !== undefined && <Commit id={stop.commit} />}
          </span>
          <StopTimes stop={stop} />
        </li>
      ))}
    </ol>
  );
}

function StopTimes({ stop }: { stop: Stop }) {
  const now = useNow();
  if (stop.at === undefined) return <small>&nbsp;</small>;
  const span = stop.kind === "now" ? Math.max(0, now - stop.at) : stop.duration;
  return (
    <small title={showMoment(stop.at)}>
      {showClock(stop.at, now, true)}
      {span !== undefined && `, ${showSpan(span)}`}
    </small>
  );
}
