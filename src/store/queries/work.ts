import type { Work, WorkItem } from "../../model/ports/store.ts";
import type { Database } from "../database.ts";

/**
 * Work rows with a lease. A claim raises `token`; whoever lost the lease holds an old one and can neither extend nor
 * finish. Work scheduled while it is being done is remembered in `again_at`; a claim that starts over takes it along.
 */
export function workQueries(database: Database, changed: () => void): Work {
  return {
    async schedule(key, kind, runAt) {
      await database.run(
        `insert into work (key, kind, run_at) values ($1, $2, $3)
         on conflict (key) do update set
           run_at = case when work.leased_until > 0 or work.run_at < $3 then work.run_at else $3 end,
           again_at = case when work.leased_until > 0 and (work.again_at is null or work.again_at > $3) then $3 else work.again_at end`,
        [key, kind, runAt],
      );
      changed();
    },
    async claim(owner, now, leaseMs, limit) {
      const rows = await database.all(
        `update work set leased_until = $2, token = token + 1, attempts = attempts + 1, again_at = null, owner = $4
         where key in (select key from work where run_at <= $1 and leased_until <= $1 order by run_at limit $3)
         returning key, kind, token, attempts`,
        [now, now + leaseMs, limit, owner],
      );
      return rows.map(
        (row): WorkItem => ({
          key: String(row.key),
          kind: String(row.kind),
          token: Number(row.token),
          attempts: Number(row.attempts),
        }),
      );
    },
    async free(owner) {
      await database.run("update work set leased_until = 0, token = token + 1 where owner = $1 and leased_until > 0", [
        owner,
      ]);
      changed();
    },
    async finish(item, runAt, failed) {
      // Gone only while nobody scheduled it meanwhile: both are said in one statement, or a wake-up could slip between.
      if (runAt === undefined) {
        const gone = await database.run("delete from work where key = $1 and token = $2 and again_at is null", [
          item.key,
          item.token,
        ]);
        if (gone > 0) return true;
      }
      const kept = await database.run(
        `update work set leased_until = 0, attempts = case when $4 = 1 then attempts else 0 end, again_at = null,
           run_at = case when again_at is null then $3 when $3 is null or again_at < $3 then again_at else $3 end
         where key = $1 and token = $2 and ($3 is not null or again_at is not null)`,
        [item.key, item.token, runAt ?? null, failed ? 1 : 0],
      );
      if (kept > 0) changed();
      return kept > 0;
    },
    async extend(item, until) {
      return (
        (await database.run("update work set leased_until = $3 where key = $1 and token = $2 and leased_until > 0", [
          item.key,
          item.token,
          until,
        ])) > 0
      );
    },
    async nextAt() {
      const [row] = await database.all(
        "select min(case when leased_until > run_at then leased_until else run_at end) as at from work",
      );
      return row?.at === null || row?.at === undefined ? undefined : Number(row.at);
    },
  };
}
