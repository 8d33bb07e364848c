import type { Promotions } from "../../model/ports/store.ts";
import { hasEnded, type Promotion, type Release } from "../../model/release.ts";
import type { Database, Row } from "../database.ts";

export function promotionQueries(database: Database, now: () => number): Promotions {
  const releases = async (sql: string, values: (string | number)[]) =>
    (await database.all(sql, values)).map(readRelease);
  return {
    async insert(promotion, owned) {
      await database.run(
        "insert into promotions (id, created_at, ended_at, reverts, body) values ($1, $2, $3, $4, $5)",
        [
          promotion.id,
          promotion.createdAt,
          promotion.endedAt ?? null,
          promotion.reverts ?? null,
          JSON.stringify(promotion),
        ],
      );
      for (const release of owned)
        await database.run(
          `insert into releases (id, promotion, environment, position, ended, created_at, revision, body)
           values ($1, $2, $3, $4, $5, $6, $7, $8)`,
          [
            release.id,
            release.promotion,
            release.environment,
            release.position,
            hasEnded(release.state) ? 1 : 0,
            now(),
            release.revision,
            JSON.stringify(release),
          ],
        );
    },
    async get(id) {
      const [row] = await database.all("select body from promotions where id = $1", [id]);
      return row && (JSON.parse(String(row.body)) as Promotion);
    },
    async update(promotion) {
      await database.run("update promotions set ended_at = $2, body = $3 where id = $1", [
        promotion.id,
        promotion.endedAt ?? null,
        JSON.stringify(promotion),
      ]);
    },
    async reverting(id) {
      const [row] = await database.all(
        "select body from promotions where reverts = $1 order by created_at desc, id desc limit 1",
        [id],
      );
      return row && (JSON.parse(String(row.body)) as Promotion);
    },
    async list({ limit, before, underWay = false }) {
      const [from] =
        before === undefined ? [] : await database.all("select created_at from promotions where id = $1", [before]);
      const rows = await database.all(
        `select body from promotions
         where (created_at < $1 or (created_at = $1 and id < $2)) and ($3 = 0 or ended_at is null)
         order by created_at desc, id desc limit $4`,
        [from === undefined ? Number.MAX_SAFE_INTEGER : Number(from.created_at), before ?? "", underWay ? 1 : 0, limit],
      );
      return rows.map((row) => JSON.parse(String(row.body)) as Promotion);
    },
    async release(id) {
      return (await releases("select body, revision from releases where id = $1", [id]))[0];
    },
    releases: (promotion) =>
      releases("select body, revision from releases where promotion = $1 order by position, id", [promotion]),
    active: (environment) =>
      environment === undefined
        ? releases("select body, revision from releases where ended = 0 order by created_at, id", [])
        : releases("select body, revision from releases where ended = 0 and environment = $1 order by created_at, id", [
            environment,
          ]),
    recent: (environment, limit) =>
      releases(
        "select body, revision from releases where environment = $1 order by created_at desc, id desc limit $2",
        [environment, limit],
      ),
    async save(release) {
      const next = { ...release, revision: release.revision + 1 };
      return (
        (await database.run(
          "update releases set ended = $3, revision = $4, body = $5 where id = $1 and revision = $2",
          [release.id, release.revision, hasEnded(release.state) ? 1 : 0, next.revision, JSON.stringify(next)],
        )) > 0
      );
    },
  };
}

function readRelease(row: Row): Release {
  return { ...(JSON.parse(String(row.body)) as Release), revision: Number(row.revision) };
}
