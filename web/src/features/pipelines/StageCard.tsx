import { Link } from "@tanstack/react-router";
import type { Promotion } from "../../../../src/model/release.ts";
import type { StageView } from "../../../../src/model/views.ts";
import { ButtonLink } from "../../frame/links.tsx";
import { Sign, SignedWord } from "../../signs/Sign.tsx";
import style from "./Pipelines.module.css";
import { isReviewed, type StageSummary } from "./stages.ts";

export interface StageCardProps {
  readonly pipeline: string;
  readonly stage: StageView;
  readonly summary: StageSummary;
  /** The last promotion here that can still be taken back. */
  readonly last: Promotion | undefined;
}
const shownChips = 8;
const shownWaits = 3;

/** A stage: what it has, how it is, what waits there, and what can be done with it. */
export function StageCard({ pipeline, stage, summary, last }: StageCardProps) {
  const to = `${pipeline}/${stage.name}`;
  const { chips, waits } = summary;
  return (
    <section className={style.stage} aria-label={`Stage ${stage.name}`}>
      <header>
        <h2>{stage.name}</h2>
        <SignedWord name={summary.sign} word={summary.word} />
      </header>
      <div className={style.chips}>
        {chips.slice(0, shownChips).map((chip) => (
          <span
            key={`${chip.workload} ${chip.version}`}
            className={style.chip}
            style={{ color: `var(--version-${chip.colour})` }}
            title={`${chip.name} ${chip.version}`}
          >
            {chip.name} {chip.version}
          </span>
        ))}
        {chips.length > shownChips && <span className={style.alike}>{chips.length - shownChips} more</span>}
        {summary.alike > 0 && <span className={style.alike}>{summary.alike} alike in every stage</span>}
      </div>
      {summary.environments.map((line, index) => (
        <div key={line.name} className={style.environment}>
          {stage.order === "sequence" && (
            <b>
              <span className="visually-hidden">turn </span>
              {index + 1}
            </b>
          )}
          <Sign name={line.sign} />
          <Link to="/environments/$name" params={{ name: line.name }}>
            {line.name}
          </Link>
          <span className={style.note} title={line.note}>
            {line.note}
          </span>
        </div>
      ))}
      {stage.underWay.map((id) => (
        <p key={id} className={style.way}>
          <Sign name={isReviewed(stage, id) ? "waiting" : "rolling"} size={13} />
          <Link to="/releases/$id" params={{ id }}>
            Watch {id}
          </Link>
        </p>
      ))}
      {waits.slice(0, shownWaits).map(({ text }) => (
        <p key={text} className={style.wait} title={text}>
          {text}
        </p>
      ))}
      {waits.length > shownWaits && (
        <p className={style.wait}>
          <Link to="/deploy" search={{ to }}>
            {waits.length - shownWaits} more wait
          </Link>
        </p>
      )}
      <footer>
        {summary.ready.length > 0 && (
          <ButtonLink size="compact-md" to="/deploy" search={{ to, pick: summary.ready.join(",") }}>
            Promote {summary.ready.length}
          </ButtonLink>
        )}
        <ButtonLink size="compact-md" variant="default" to="/deploy" search={{ to }}>
          Deploy
        </ButtonLink>
        {last !== undefined && (
          <ButtonLink
            size="compact-md"
            variant="default"
            className={style.danger}
            to="/releases/$id"
            params={{ id: last.id }}
            search={{ ask: "rollback" }}
            title={`Roll back ${last.id}`}
          >
            Roll back
          </ButtonLink>
        )}
      </footer>
    </section>
  );
}
