import { DatabaseSync, type StatementSync } from "node:sqlite";
import { SluiceError } from "../errors.ts";
import type { Database, Row, SqlValue, TransactionalDatabase } from "./database.ts";

/**
 * SQLite behind the store's database port: WAL, and a commit is on disk when it resolves. One connection, so
 * statements and transactions wait for one another in the order they were asked.
 */
export function openSqlite(path: string): TransactionalDatabase {
  const database = new DatabaseSync(path);
  database.exec(
    "pragma busy_timeout = 5000; pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on",
  );
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    let statement = statements.get(sql);
    if (statement === undefined) {
      statement = database.prepare(sql);
      statements.set(sql, statement);
    }
    return statement;
  };
  const direct: Database = {
    async all(sql, values = []) {
      return prepare(sql).all(named(values)) as Row[];
    },
    async run(sql, values = []) {
      return Number(prepare(sql).run(named(values)).changes);
    },
  };
  let closed = false;
  let tail: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(body: () => Promise<T>): Promise<T> => {
    if (closed) return Promise.reject(new SluiceError("internal", "The store is closed."));
    const turn = tail.then(body, body);
    tail = turn.catch(() => {});
    return turn;
  };
  return {
    all: (sql, values) => inTurn(() => direct.all(sql, values)),
    run: (sql, values) => inTurn(() => direct.run(sql, values)),
    transaction: (body) =>
      inTurn(async () => {
        database.exec("begin immediate");
        try {
          const result = await body(direct);
          database.exec("commit");
          return result;
        } catch (error) {
          // SQLite may have rolled back by itself (a full disk), and the first error is the one that tells.
          if (database.isTransaction) database.exec("rollback");
          throw error;
        }
      }),
    close: () => {
      if (closed) return tail.then(() => {});
      const last = inTurn(async () => database.close());
      closed = true;
      return last;
    },
  };
}

/** `$1` is a named parameter to SQLite. */
function named(values: readonly SqlValue[]): Record<string, SqlValue> {
  return Object.fromEntries(values.map((value, index) => [`$${index + 1}`, value]));
}
