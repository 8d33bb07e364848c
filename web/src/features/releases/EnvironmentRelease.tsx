import { Link } from "@tanstack/react-router";
import { showVersion } from "../../../../src/model/image.ts";
import { hasEnded } from "../../../../src/model/release.ts";
import type { ReleaseChangeView, ReleaseView } from "../../../../src/model/views.ts";
import { parseWorkloadId } from "../../../../src/model/workload.ts";
import { Arrow } from "../../signs/Arrow.tsx";
import { alike, evidenceText } from "../../signs/alike.ts";
import { Said } from "../../signs/Said.tsx";
import { Sign, SignedWord } from "../../signs/Sign.tsx";
import { useNow } from "../../time/now.ts";
import { showAge } from "../../time/words.ts";
import { changeLook } from "./changeLook.ts";
import style from "./Release.module.css";
import { Track } from "./Track.tsx";
import { containerName, forcedWords, releaseSign } from "./words.ts";

/** The release to one environment: its way so far, and every container's progress. */
export function EnvironmentRelease({ release }: { release: ReleaseView }) {
  const { sign, word } = releaseSign(release.state);
  const evidence = "end" in release.state && release.state.end === "failed" ? release.state.evidence : [];
  const reason = evidence.length === 0 && "reason" in release.state ? release.state.reason : undefined;
  return (
    <section className="card" aria-label={release.environment}>
      <div className={style.cardhead}>
        <h2>
          <Link to="/environments/$name" params={{ name: release.environment }}>
            {release.environment}
          </Link>
        </h2>
        <SignedWord name={sign} word={word} />
      </div>
      <Track release={release} />
      {"step" in release.state && release.state.step === "in review" && (
        <p className={style.review}>
          Its commit waits on branch <code>{release.state.branch}</code>. Merging it lets the release go on; deleting
          the branch turns it down.
        </p>
      )}
      {reason !== undefined && (
        <p className={style.reason} data-bad={sign === "failed" || undefined}>
          <Said text={reason} />
        </p>
      )}
      {alike(evidence, evidenceText).map(({ first, more }) => (
        <p key={`${first.object} ${first.reason}`} className={style.evidence}>
          <b>{first.object}</b>
          {more > 0 && ` and ${more} more`} <Said text={evidenceText(first)} />
        </p>
      ))}
      {release.changes.map((change) => (
        <Change key={`${change.workload}#${change.container}`} change={change} release={release} />
      ))}
    </section>
  );
}

function Change({ change, release }: { change: ReleaseChangeView; release: ReleaseView }) {
  const now = useNow();
  const look = changeLook(change, release.state);
  const parts = parseWorkloadId(change.workload);
  const percent = Math.round(look.progress * 100);
  return (
    <div className={style.change}>
      <span className={style.changename}>
        {parts === undefined ? (
          change.workload
        ) : (
          <Link to="/workloads/$namespace/$kind/$name" params={parts} search={{ at: release.environment }}>
            {containerName(change)}
          </Link>
        )}
      </span>
      <code>
        <span className="muted">{showVersion(change.from)}</span>
        <Arrow />
        <b>{showVersion(change.to)}</b>
      </code>
      <div
        className={style.bar}
        role="progressbar"
        aria-valuenow={percent}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-label={`${containerName(change)} in ${release.environment}`}
        data-tone={look.sign}
      >
        <i style={{ width: `${percent}%` }} />
      </div>
      <span className={style.state}>
        <SignedWord name={look.sign} word={look.word} progress={look.progress} />
      </span>
      {change.forced !== undefined && (
        <p className={style.mark}>
          <Sign name="forced" size={13} /> {forcedWords(change.forced)}
        </p>
      )}
      {change.back !== undefined && (
        <p className={style.mark}>
          <Sign name="back" size={13} /> Goes back: automation does not bring {showVersion(change.back)} again
        </p>
      )}
      {look.note !== undefined && (
        <p className={style.note}>
          <Said text={look.note} />
        </p>
      )}
      {!hasEnded(release.state) &&
        alike(change.verdict?.evidence ?? [], evidenceText).map(({ first, more }) => (
          <p key={`${first.object} ${first.reason}`} className={style.evidence}>
            <Sign name="failed" size={13} /> <b>{first.object}</b>
            {more > 0 && ` and ${more} more`} <Said text={evidenceText(first)} />. For {showAge(now - first.since)}.
          </p>
        ))}
    </div>
  );
}
