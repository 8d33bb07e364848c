import type { SluiceEvent } from "../../model/event.ts";
import type { Events } from "../../model/ports/store.ts";
import type { Database, Row, SqlValue } from "../database.ts";

/** The append-only record, numbered in commit order: SQLite has one writer, so the next number is the next commit. */
export function eventQueries(database: Database, now: () => number, appended: (event: SluiceEvent) => void): Events {
  return {
    async append(event) {
      const at = event.at ?? now();
      const [row] = await database.all(
        `insert into events (seq, at, type, environment, promotion, workload, body)
         select coalesce(max(seq), 0) + 1, $1, $2, $3, $4, $5, $6 from events returning seq`,
        [
          at,
          event.type,
          event.environment ?? null,
          event.promotion ?? null,
          event.workload ?? null,
          JSON.stringify({ ...event, at }),
        ],
      );
      const whole: SluiceEvent = { ...event, at, seq: Number(row!.seq) };
      appended(whole);
      return whole;
    },
    async after(seq, limit) {
      return (
        await database.all("select seq, body from events where seq > $1 order by seq limit $2", [seq, limit])
      ).map(read);
    },
    async before(seq, limit, filter = {}) {
      const values: SqlValue[] = [seq ?? Number.MAX_SAFE_INTEGER, limit];
      let where = "seq < $1";
      for (const column of ["promotion", "environment", "workload"] as const) {
        if (filter[column] === undefined) continue;
        values.push(filter[column]);
        where += ` and ${column} = $${values.length}`;
      }
      return (await database.all(`select seq, body from events where ${where} order by seq desc limit $2`, values)).map(
        read,
      );
    },
    async last() {
      const [row] = await database.all("select coalesce(max(seq), 0) as seq from events");
      return Number(row!.seq);
    },
  };
}

function read(row: Row): SluiceEvent {
  return { ...(JSON.parse(String(row.body)) as SluiceEvent), seq: Number(row.seq) };
}
