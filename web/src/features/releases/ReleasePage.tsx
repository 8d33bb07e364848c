import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { PromotionView } from "../../../../src/model/views.ts";
import { placeName } from "../../api/places.ts";
import { promotionQuery } from "../../api/queries.ts";
import { Problem } from "../../frame/Notices.tsx";
import { evidenceText } from "../../signs/alike.ts";
import { actorName } from "../../signs/person.ts";
import { Sign, SignedWord } from "../../signs/Sign.tsx";
import { useNow } from "../../time/now.ts";
import { showClock, showMoment, showSpan } from "../../time/words.ts";
import { EventList } from "../activity/EventList.tsx";
import { Actions } from "./Actions.tsx";
import { EnvironmentRelease } from "./EnvironmentRelease.tsx";
import style from "./Release.module.css";
import { WhyPanel } from "./WhyPanel.tsx";
import { promotionSign, promotionTitle } from "./words.ts";

const route = getRouteApi("/releases/$id");

/** One promotion, live while it runs and a record afterwards. */
export function ReleasePage() {
  const { id } = route.useParams();
  const query = useQuery(promotionQuery(id));
  if (query.error !== null && query.data === undefined)
    return <Problem error={query.error} retry={() => void query.refetch()} />;
  if (query.data === undefined) return <ReleaseSkeleton id={id} />;
  const view = query.data;
  return (
    <>
      <title>{`${view.promotion.id} ${view.promotion.state} · Sluice`}</title>
      <Head view={view} />
      <div className={style.two}>
        <div className={style.stack}>
          {view.releases.map((release) => (
            <EnvironmentRelease key={release.id} release={release} />
          ))}
        </div>
        <div className={style.stack}>
          <WhyPanel view={view} />
          <section className="card" aria-label="Events">
            <h2 className={style.cardhead}>Events</h2>
            <EventList events={view.events} within={{ beside: evidenceOf(view) }} />
          </section>
        </div>
      </div>
    </>
  );
}

/** What the cards of the environments show as evidence, so that the events need not repeat it. */
function evidenceOf({ releases }: PromotionView): string[] {
  return releases.flatMap(({ state }) =>
    "end" in state && state.end === "failed" ? state.evidence.map(evidenceText) : [],
  );
}

function Head({ view }: { view: PromotionView }) {
  const { promotion, releases } = view;
  const now = useNow();
  return (
    <div className={style.head}>
      <div>
        <h1>{promotionTitle(promotion, releases)}</h1>
        <p className={style.sub}>
          <SignedWord name={promotionSign(promotion.state)} word={promotion.state} />
          <code>{promotion.id}</code>
          <span>
            {placeName(promotion.source)} to {placeName(promotion.target)}, by {actorName(promotion.by)} at{" "}
            <time title={showMoment(promotion.createdAt)}>{showClock(promotion.createdAt, now)}</time>
            {promotion.endedAt === undefined
              ? `, for ${showSpan(Math.max(0, now - promotion.createdAt))}`
              : `, took ${showSpan(promotion.endedAt - promotion.createdAt)}`}
          </span>
        </p>
        {promotion.forced === true && (
          <p className={style.mark}>
            <Sign name="forced" /> Rules were broken for it; each change below names its own.
          </p>
        )}
        {promotion.message !== "" && <blockquote className={style.message}>{promotion.message}</blockquote>}
        {promotion.reverts !== undefined && (
          <p className="muted">
            Takes back{" "}
            <Link to="/releases/$id" params={{ id: promotion.reverts }}>
              {promotion.reverts}
            </Link>
            .
          </p>
        )}
        {view.revertedBy !== undefined && (
          <p className="muted">
            Taken back by{" "}
            <Link to="/releases/$id" params={{ id: view.revertedBy }}>
              {view.revertedBy}
            </Link>
            .
          </p>
        )}
      </div>
      <Actions view={view} />
    </div>
  );
}

function ReleaseSkeleton({ id }: { id: string }) {
  return (
    <div aria-busy="true">
      <h1>Release {id}</h1>
      <div className={style.two} style={{ marginTop: 44 }}>
        <div className="card" style={{ height: 240 }} />
        <div className="card" style={{ height: 240 }} />
      </div>
    </div>
  );
}
