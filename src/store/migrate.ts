import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TransactionalDatabase } from "./database.ts";

/** Brings the schema up to date: every file of `migrations/` once, in the order of its number, each in a transaction. */
export async function migrate(database: TransactionalDatabase): Promise<void> {
  await database.run("create table if not exists migrations (name text primary key)");
  const done = new Set((await database.all("select name from migrations")).map((row) => row.name));
  const folder = join(import.meta.dirname, "migrations");
  for (const name of readdirSync(folder)
    .filter((file) => file.endsWith(".sql"))
    .sort()) {
    if (done.has(name)) continue;
    const statements = readFileSync(join(folder, name), "utf8")
      .split(";")
      .map((part) => part.trim())
      .filter((part) => part !== "");
    await database.transaction(async (inside) => {
      for (const statement of statements) await inside.run(statement);
      await inside.run("insert into migrations (name) values ($1)", [name]);
    });
  }
}
