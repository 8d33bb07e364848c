import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { placeName } from "../../api/places.ts";
import { type ListedPromotion, promotionsQuery } from "../../api/queries.ts";
import { Empty, Problem } from "../../frame/Notices.tsx";
import { actorName } from "../../signs/person.ts";
import { Sign, SignedWord } from "../../signs/Sign.tsx";
import { Ago } from "../../time/Ago.tsx";
import { useNow } from "../../time/now.ts";
import { showSpan } from "../../time/words.ts";
import style from "./Release.module.css";
import { promotionSign, promotionTitle } from "./words.ts";

/** Every promotion, newest first. */
export function ReleasesPage() {
  const query = useInfiniteQuery(promotionsQuery);
  const items = query.data?.pages.flatMap((page) => page.items);
  return (
    <>
      <title>Releases · Sluice</title>
      <h1>Releases</h1>
      <p className="muted" style={{ margin: "2px 0 16px" }}>
        What moved, who moved it, and how it ended.
      </p>
      {query.error !== null && <Problem error={query.error} retry={() => void query.refetch()} />}
      <div className="card" style={{ minHeight: 300 }} aria-busy={items === undefined}>
        {items?.length === 0 && (
          <Empty title="Nothing has moved yet">
            <Link to="/deploy">Deploy something</Link>, or push a new image: stages that promote by themselves take it.
          </Empty>
        )}
        {items !== undefined && items.length > 0 && (
          <table className={style.list}>
            <thead>
              <tr>
                <th scope="col">State</th>
                <th scope="col">Release</th>
                <th scope="col">Way</th>
                <th scope="col">By</th>
                <th scope="col">When</th>
                <th scope="col">Took</th>
              </tr>
            </thead>
            <tbody>
              {items.map((item) => (
                <Line key={item.promotion.id} item={item} />
              ))}
            </tbody>
          </table>
        )}
        {query.hasNextPage && (
          <div className={style.more}>
            <Button variant="default" onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage}>
              Show older
            </Button>
          </div>
        )}
      </div>
    </>
  );
}

function Line({ item }: { item: ListedPromotion }) {
  const { promotion, releases } = item;
  const now = useNow();
  return (
    <tr>
      <td>
        <SignedWord name={promotionSign(promotion.state)} word={promotion.state} />
      </td>
      <td>
        <Link to="/releases/$id" params={{ id: promotion.id }}>
          {promotionTitle(promotion, releases)}
        </Link>{" "}
        <code className="muted">{promotion.id}</code>
        {promotion.forced === true && (
          <>
            {" "}
            <Sign name="forced" size={13} title="Rules were broken for it" />
          </>
        )}
      </td>
      <td className="nowrap">
        {placeName(promotion.source)} → {placeName(promotion.target)}
      </td>
      <td className="muted">{actorName(promotion.by)}</td>
      <td className="muted">
        <Ago at={promotion.createdAt} suffix=" ago" />
      </td>
      <td className="muted nowrap">{showSpan(Math.max(0, (promotion.endedAt ?? now) - promotion.createdAt))}</td>
    </tr>
  );
}
