import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/repository.ts";
import type { TransactionalDatabase } from "./database.ts";
import { openSqlite } from "./sqlite.ts";

let folder: ReturnType<typeof temporaryFolder>;
let database: TransactionalDatabase;
let path: string;

beforeEach(async () => {
  folder = temporaryFolder();
  path = join(folder.path, "x.db");
  database = openSqlite(path);
  await database.run("create table numbers (n integer unique)");
});
afterEach(async () => {
  await database.close();
  folder.remove();
});
const insert = "insert into numbers (n) values ($1)";
const numbers = async () => (await database.all("select n from numbers order by n")).map((row) => Number(row.n));

test("of what waits together each is undone by itself, in the order asked", async () => {
  const turn = fc.record({ numbers: fc.array(fc.nat(12), { minLength: 1, maxLength: 3 }), throws: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(turn, { maxLength: 12 }), async (turns) => {
      await database.run("delete from numbers");
      const expected = new Set<number>();
      const outcomes = turns.map((each) => {
        const good =
          !each.throws && new Set([...expected, ...each.numbers]).size === expected.size + each.numbers.length;
        if (good) for (const n of each.numbers) expected.add(n);
        return good;
      });
      const settled = await Promise.allSettled(
        turns.map((each) =>
          database.transaction(async (inside) => {
            for (const n of each.numbers) {
              await inside.run(insert, [n]);
              await Promise.resolve();
            }
            if (each.throws) throw new Error("stop");
          }),
        ),
      );
      expect(settled.map(({ status }) => status === "fulfilled")).toEqual(outcomes);
      expect(await numbers()).toEqual([...expected].sort((a, b) => a - b));
    }),
    { numRuns: 60 },
  );
});

test("whoever hears of success finds it in the file, also through another connection", async () => {
  const other = new DatabaseSync(path, { readOnly: true });
  const count = () => Number(other.prepare("select count(*) as n from numbers").get()?.n);
  const seen = await Promise.all(
    Array.from({ length: 250 }, (_, n) =>
      (n % 2 === 0 ? database.run(insert, [n]) : database.transaction((inside) => inside.run(insert, [n]))).then(() =>
        Number(other.prepare("select count(*) as n from numbers where n = $1").get({ $1: n })?.n),
      ),
    ),
  );
  expect(new Set(seen)).toEqual(new Set([1]));
  expect(count()).toBe(250);
  other.close();
});

test("a read asked between writes sees those asked before it and none after", async () => {
  const [, first, , second] = await Promise.all([
    database.run(insert, [1]),
    numbers(),
    database.transaction((inside) => inside.run(insert, [2])),
    numbers(),
    database.run(insert, [3]),
  ]);
  expect([first, second]).toEqual([[1], [1, 2]]);
});

test("what was asked before closing is done, what comes after is refused", async () => {
  const asked = [1, 2, 3].map((n) => database.run(insert, [n]));
  const closed = database.close();
  await expect(database.run(insert, [4])).rejects.toThrow("closed");
  await expect(Promise.all(asked)).resolves.toEqual([1, 1, 1]);
  await closed;
  const again = openSqlite(path);
  expect(await again.all("select count(*) as n from numbers")).toMatchObject([{ n: 3 }]);
  await again.close();
});

test("when what waited together cannot be made durable, nobody hears of success, readers neither, and the next go on", async () => {
  await database.run("create table parts (n integer references numbers (n) deferrable initially deferred)");
  // A broken reference that is looked at last of all: the commit itself fails.
  const together = await Promise.allSettled([
    database.run(insert, [1]),
    numbers(),
    database.run("insert into parts (n) values (99)"),
    database.transaction((inside) => inside.run(insert, [2])),
  ]);
  expect(together.map(({ status }) => status)).toEqual(Array.from({ length: 4 }, () => "rejected"));
  await database.run(insert, [3]);
  expect(await numbers()).toEqual([3]);
});

test.each([true, false])(
  "a turn that takes all of them with it is told to each, though it hides its own failure: %s",
  async (hides) => {
    await database.run(insert, [1]);
    const [before, culprit, after] = await Promise.allSettled([
      database.run(insert, [2]),
      database.transaction(async (inside) => {
        const failing = inside.run("insert or rollback into numbers (n) values (1)");
        await (hides ? failing.catch(() => {}) : failing);
      }),
      database.run(insert, [3]),
    ]);
    expect([before!.status, culprit!.status, after!.status]).toEqual(["rejected", "rejected", "fulfilled"]);
    expect(await numbers()).toEqual([1, 3]);
  },
);
