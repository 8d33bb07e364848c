import { Link } from "@tanstack/react-router";
import type { EnvironmentView } from "../../../../src/model/views.ts";
import { Sign } from "../../signs/Sign.tsx";
import { useNow } from "../../time/now.ts";
import { showAge, showClock, showMoment } from "../../time/words.ts";
import style from "./Matrix.module.css";

/** An environment's name, the commit it has applied, and how fresh that is. */
export function ColumnHead({ environment }: { environment: EnvironmentView }) {
  return (
    <>
      <span className={style.headname}>
        <Link to="/environments/$name" params={{ name: environment.name }}>
          {environment.name}
        </Link>
        {environment.problems.length > 0 && (
          <Link
            to="/environments/$name"
            params={{ name: environment.name }}
            className={style.count}
            aria-label={`${environment.problems.length} problems in ${environment.name}`}
            title={environment.problems[0]?.message}
          >
            {environment.problems.length} !
          </Link>
        )}
      </span>
      <Freshness environment={environment} />
    </>
  );
}

function Freshness({ environment }: { environment: EnvironmentView }) {
  const now = useNow();
  const { agent, applied, attempted, head } = environment;
  if (!agent.connected) {
    const words = agent.lastSeenAt === undefined ? "no agent yet" : `unknown since ${showClock(agent.lastSeenAt, now)}`;
    return (
      <span
        className={`${style.commit} tone-unknown`}
        title={agent.lastSeenAt === undefined ? undefined : showMoment(agent.lastSeenAt)}
      >
        <Sign name="unknown" size={13} /> {words}
      </span>
    );
  }
  const commit = applied?.commit ?? attempted?.commit;
  const behind = head !== undefined && commit !== undefined && head !== commit && attempted?.commit !== head;
  const at = (applied ?? attempted)?.at;
  return (
    <span className={style.commit} title={at === undefined ? undefined : `applied ${showMoment(at)}`}>
      {commit === undefined ? "nothing applied yet" : <code>{commit.slice(0, 7)}</code>}
      {behind ? (
        <span className="tone-rolling">syncing</span>
      ) : (
        at !== undefined && <span>{showAge(now - at)} ago</span>
      )}
    </span>
  );
}
