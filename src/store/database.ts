export type SqlValue = string | number | null;
export type Row = Record<string, string | number | null>;

/** What both engines give: one SQL text with `$1` placeholders, integers in milliseconds, JSON as text. */
export interface Database {
  all(sql: string, values?: readonly SqlValue[]): Promise<Row[]>;
  /** Runs a statement; answers the number of rows it touched. */
  run(sql: string, values?: readonly SqlValue[]): Promise<number>;
}

/** A database that groups statements into one durable unit. */
export interface TransactionalDatabase extends Database {
  transaction<T>(body: (database: Database) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
