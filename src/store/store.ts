import type { SluiceEvent } from "../model/event.ts";
import type { Clock } from "../model/ports/clock.ts";
import type { Store, StoreGroups } from "../model/ports/store.ts";
import type { Database, TransactionalDatabase } from "./database.ts";
import { migrate } from "./migrate.ts";
import { changeQueries } from "./queries/changes.ts";
import { eventQueries } from "./queries/events.ts";
import { promotionQueries } from "./queries/promotions.ts";
import {
  holdQueries,
  imageQueries,
  reportQueries,
  tokenQueries,
  valueQueries,
  verificationQueries,
} from "./queries/records.ts";
import { workQueries } from "./queries/work.ts";
import { openSqlite } from "./sqlite.ts";

type Change = { events: SluiceEvent[]; work: boolean };

/** The store over any database of the port. */
async function createStore(database: TransactionalDatabase, clock: Clock): Promise<Store> {
  await migrate(database);
  const listeners = new Set<(change: Change) => void>();
  const tell = (change: Change) => {
    if (change.events.length === 0 && !change.work) return;
    for (const listener of listeners) listener(change);
  };
  return {
    ...groups(
      database,
      clock,
      (event) => tell({ events: [event], work: false }),
      () => tell({ events: [], work: true }),
    ),
    async transaction(body) {
      const change: Change = { events: [], work: false };
      const result = await database.transaction((inside) =>
        body(
          groups(
            inside,
            clock,
            (event) => change.events.push(event),
            () => {
              change.work = true;
            },
          ),
        ),
      );
      tell(change);
      return result;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => database.close(),
  };
}

/** The embedded store: one SQLite file. */
export function openSqliteStore(path: string, clock: Clock): Promise<Store> {
  return createStore(openSqlite(path), clock);
}

function groups(
  database: Database,
  clock: Clock,
  appended: (event: SluiceEvent) => void,
  workChanged: () => void,
): StoreGroups {
  return {
    work: workQueries(database, workChanged),
    events: eventQueries(database, clock.now, appended),
    promotions: promotionQueries(database, clock.now),
    changes: changeQueries(database),
    verifications: verificationQueries(database),
    images: imageQueries(database),
    holds: holdQueries(database),
    reports: reportQueries(database),
    tokens: tokenQueries(database),
    values: valueQueries(database),
  };
}
