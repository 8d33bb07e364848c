import type { PolicyChange } from "../../model/policy.ts";
import type { Changes } from "../../model/ports/store.ts";
import type { Database, Row } from "../database.ts";

/** Policy changes by id, newest first by environment; a write must know the revision it follows. */
export function changeQueries(database: Database): Changes {
  return {
    async insert(change) {
      await database.run(
        `insert into policy_changes (id, environment, created_at, ended_at, revision, body)
         values ($1, $2, $3, $4, $5, $6)`,
        [
          change.id,
          change.environment,
          change.createdAt,
          change.endedAt ?? null,
          change.revision,
          JSON.stringify(change),
        ],
      );
    },
    async get(id) {
      const [row] = await database.all("select body, revision from policy_changes where id = $1", [id]);
      return row && read(row);
    },
    async list({ limit, environment, before }) {
      const [from] =
        before === undefined ? [] : await database.all("select created_at from policy_changes where id = $1", [before]);
      const rows = await database.all(
        `select body, revision from policy_changes
         where (created_at < $1 or (created_at = $1 and id < $2)) and ($3 = '' or environment = $3)
         order by created_at desc, id desc limit $4`,
        [
          from === undefined ? Number.MAX_SAFE_INTEGER : Number(from.created_at),
          before ?? "",
          environment ?? "",
          limit,
        ],
      );
      return rows.map(read);
    },
    async save(change) {
      const next = { ...change, revision: change.revision + 1 };
      return (
        (await database.run(
          "update policy_changes set ended_at = $3, revision = $4, body = $5 where id = $1 and revision = $2",
          [change.id, change.revision, change.endedAt ?? null, next.revision, JSON.stringify(next)],
        )) > 0
      );
    },
  };
}

function read(row: Row): PolicyChange {
  return { ...(JSON.parse(String(row.body)) as PolicyChange), revision: Number(row.revision) };
}
