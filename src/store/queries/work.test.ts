import { expect, test } from "vitest";
import type { Database } from "../database.ts";
import { migrate } from "../migrate.ts";
import { openSqlite } from "../sqlite.ts";
import { workQueries } from "./work.ts";

const nothing = () => {};

test("work that is scheduled between any two statements of finishing it comes again", async () => {
  for (const pauseAfter of [0, 1, 2]) {
    const database = openSqlite(":memory:");
    await migrate(database);
    const plain = workQueries(database, nothing);
    await plain.schedule("key", "kind", 1);
    const [item] = await plain.claim("me", 10, 1_000, 1);
    let statements = 0;
    const wakeUp = async () => {
      if (statements++ === pauseAfter) await plain.schedule("key", "kind", 20);
    };
    const interrupted: Database = {
      all: (sql, values) => database.all(sql, values),
      run: async (sql, values) => {
        await wakeUp();
        return database.run(sql, values);
      },
    };
    expect(await workQueries(interrupted, nothing).finish(item!, undefined, false)).toBe(true);
    while (statements <= pauseAfter) await wakeUp();
    expect(
      (await plain.claim("me", 30, 1_000, 1)).map(({ key }) => key),
      `after ${pauseAfter}`,
    ).toEqual(["key"]);
    await database.close();
  }
});
