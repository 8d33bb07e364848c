import { DatabaseSync, type StatementSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { SluiceError } from "../errors.ts";
import type { Database, Row, SqlValue, TransactionalDatabase } from "./database.ts";

/** How many turns are made durable together at most. */
const maxTogether = 100;

/** One statement or transaction that waits for its turn. */
interface Turn {
  readonly body: () => Promise<unknown>;
  readonly kind: "read" | "write";
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * SQLite behind the store's database port: WAL, and a commit is on disk when it resolves. One connection, so
 * statements and transactions wait for one another in the order they were asked. What waits at the same time is committed
 * together: each is undone by itself when it fails, and nobody hears of success before all of it is on disk.
 */
export function openSqlite(path: string): TransactionalDatabase {
  const database = new DatabaseSync(path);
  database.exec(
    "pragma busy_timeout = 5000; pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on",
  );
  const direct = directly(database);
  const waiting: Turn[] = [];
  let running: Promise<void> | undefined;
  let closed = false;

  const inTurn = <T>(kind: Turn["kind"], body: () => Promise<T>): Promise<T> => {
    if (closed) return Promise.reject(new SluiceError("internal", "The store is closed."));
    return new Promise<T>((resolve, reject) => {
      waiting.push({ body, kind, resolve: resolve as (value: unknown) => void, reject });
      running ??= drain();
    });
  };
  const drain = async (): Promise<void> => {
    while (waiting.length > 0) await takeTurns(database, waiting);
    // In the same turn as the last look at what waits: who comes later starts anew.
    running = undefined;
  };
  return {
    all: (sql, values) => inTurn(isRead(sql) ? "read" : "write", () => direct.all(sql, values)),
    run: (sql, values) => inTurn("write", () => direct.run(sql, values)),
    transaction: (body) => inTurn("write", () => body(direct)),
    close: async () => {
      const first = !closed;
      closed = true;
      await running;
      if (first) database.close();
    },
  };
}

function isRead(sql: string): boolean {
  return /^\s*select\b/i.test(sql);
}

/** Takes what waits: a read that is first by itself, everything else in one durable unit. */
async function takeTurns(database: DatabaseSync, waiting: Turn[]): Promise<void> {
  const [first] = waiting;
  if (first?.kind === "read") {
    waiting.shift();
    return first.body().then(first.resolve, first.reject);
  }
  // Others who are about to ask save a flush of their own, which takes far longer than a turn of the event loop. Nothing
  // is locked meanwhile, and from here on nothing waits for anything but this connection.
  await nextTurn();
  const done: Turn[] = [];
  const settle: (() => void)[] = [];
  try {
    database.exec("begin immediate");
    while (waiting.length > 0 && done.length < maxTogether) {
      const turn = waiting.shift()!;
      done.push(turn);
      settle.push(await takeOne(database, turn));
    }
    database.exec("commit");
  } catch (error) {
    // SQLite may have rolled back by itself (a full disk), and the first error is the one that tells.
    if (database.isTransaction) database.exec("rollback");
    if (done.length === 0) waiting.shift()?.reject(error);
    for (const { reject } of done) reject(error);
    return;
  }
  for (const tell of settle) tell();
}

/** One turn inside the unit: what fails is undone and told; throws when that took the whole unit with it. */
async function takeOne(database: DatabaseSync, { body, resolve, reject }: Turn): Promise<() => void> {
  database.exec("savepoint turn");
  try {
    const result = await body();
    database.exec("release turn");
    return () => resolve(result);
  } catch (error) {
    if (!database.isTransaction) throw error;
    database.exec("rollback to turn; release turn");
    return () => reject(error);
  }
}

/** Statements of the one connection, prepared once each. */
function directly(database: DatabaseSync): Database {
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    let statement = statements.get(sql);
    if (statement === undefined) {
      statement = database.prepare(sql);
      statements.set(sql, statement);
    }
    return statement;
  };
  return {
    async all(sql, values = []) {
      return prepare(sql).all(named(values)) as Row[];
    },
    async run(sql, values = []) {
      return Number(prepare(sql).run(named(values)).changes);
    },
  };
}

/** `$1` is a named parameter to SQLite. */
function named(values: readonly SqlValue[]): Record<string, SqlValue> {
  return Object.fromEntries(values.map((value, index) => [`$${index + 1}`, value]));
}
