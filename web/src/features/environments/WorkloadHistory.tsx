import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { showVersion } from "../../../../src/model/image.ts";
import { promotionsQuery } from "../../api/queries.ts";
import { actorName } from "../../signs/person.ts";
import { Sign, SignedWord } from "../../signs/Sign.tsx";
import { Ago } from "../../time/Ago.tsx";
import { containerName, forcedWords, releaseSign } from "../releases/words.ts";
import style from "./Place.module.css";

/** Releases that changed this workload, in every environment, newest first. */
export function WorkloadHistory({ workload }: { workload: string }) {
  const query = useInfiniteQuery(promotionsQuery);
  const changes = (query.data?.pages ?? [])
    .flatMap((page) => page.items)
    .flatMap(({ promotion, releases }) =>
      releases.flatMap((release) =>
        release.changes
          .filter((change) => change.workload === workload)
          .map((change) => ({ promotion, release, change })),
      ),
    );
  return (
    <section className={`card ${style.scroll}`} aria-label="History">
      <table className={`${style.images} ${style.stacked}`}>
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Environment</th>
            <th scope="col">Change</th>
            <th scope="col">Release</th>
            <th scope="col">By</th>
            <th scope="col">When</th>
          </tr>
        </thead>
        <tbody>
          {changes.map(({ promotion, release, change }) => {
            const { sign, word } = releaseSign(release.state);
            return (
              <tr key={`${release.id}#${change.container}`}>
                <td>
                  <SignedWord name={sign} word={word} />
                </td>
                <td className="nowrap">{release.environment}</td>
                <td className={`nowrap ${style.across}`}>
                  {containerName(change)}{" "}
                  <code>
                    {showVersion(change.fromVersion)} → {showVersion(change.toVersion)}
                  </code>
                  {change.forced !== undefined && (
                    <>
                      {" "}
                      <Sign name="forced" size={13} title={forcedWords(change.forced)} />
                    </>
                  )}
                  {change.back !== undefined && (
                    <>
                      {" "}
                      <Sign name="back" size={13} title={`Back from ${showVersion(change.back)} by hand`} />
                    </>
                  )}
                </td>
                <td>
                  <Link to="/releases/$id" params={{ id: promotion.id }}>
                    {promotion.id}
                  </Link>
                </td>
                <td className="muted">{actorName(promotion.by)}</td>
                <td className="muted">
                  <Ago at={promotion.createdAt} suffix=" ago" />
                </td>
              </tr>
            );
          })}
          {query.data !== undefined && changes.length === 0 && (
            <tr>
              <td colSpan={6} className="muted">
                No release of the last {query.data.pages[0]?.items.length ?? 0} changed it.
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </section>
  );
}
