import type { PromotionView, Why } from "../../../../src/model/views.ts";
import { alike, leadOf } from "../../signs/alike.ts";
import { Said } from "../../signs/Said.tsx";
import { useNow } from "../../time/now.ts";
import { showAge, showClock } from "../../time/words.ts";
import style from "./Release.module.css";

/** Why it is not finished, or how it ended, with the evidence and what can be done. */
export function WhyPanel({ view }: { view: PromotionView }) {
  const { promotion, why } = view;
  if (why !== undefined)
    return (
      <section className={`card ${style.why}`} aria-label="Why">
        <h2>{promotion.endedAt === undefined ? "Why is it not finished?" : "Why did it end so?"}</h2>
        <WhyText why={why} />
      </section>
    );
  if (promotion.endedAt === undefined) return null;
  const verified = view.releases
    .flatMap((release) => release.changes)
    .filter((change) => change.outcome.kind === "verified");
  return (
    <section className={`card ${style.why}`} aria-label="Record">
      <h2>Record</h2>
      <p>
        {promotion.state === "succeeded"
          ? `${verified.length} ${verified.length === 1 ? "change is" : "changes are"} verified: in Git, applied, and healthy for the settle time.`
          : `It ended: ${promotion.state}.`}
      </p>
    </section>
  );
}

/** A why, the same words as the command line's. */
export function WhyText({ why }: { why: Why }) {
  const now = useNow();
  const lead = leadOf(
    why.text,
    why.evidence.map((entry) => entry.text),
  );
  return (
    <>
      {lead !== "" && (
        <p>
          <Said text={lead} />
        </p>
      )}
      <dl>
        {alike(why.evidence, (entry) => entry.text).map(({ first, more }) => (
          <div key={`${first.label} ${first.text}`} className={style.seen}>
            <dt>
              {first.label}
              {more > 0 && ` and ${more} more`}
            </dt>
            <dd>
              <Said text={first.text} />
            </dd>
          </div>
        ))}
        {why.next !== undefined && (
          <div>
            <dt>Next</dt>
            <dd>
              {why.next}
              {why.until !== undefined &&
                why.until > now &&
                `, in ${showAge(why.until - now)} (${showClock(why.until, now, true)})`}
            </dd>
          </div>
        )}
        {why.who !== undefined && why.who !== "" && (
          <div>
            <dt>Who</dt>
            <dd>{why.who}</dd>
          </div>
        )}
      </dl>
    </>
  );
}
