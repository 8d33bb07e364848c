import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/repository.ts";
import type { NewEvent } from "../model/event.ts";
import type { PolicyChange } from "../model/policy.ts";
import type { Store } from "../model/ports/store.ts";
import type { Promotion, Release } from "../model/release.ts";
import { automation } from "../model/source.ts";
import { holdFolder } from "./folder.ts";
import { openSqliteStore } from "./store.ts";

let folder: ReturnType<typeof temporaryFolder>;
let store: Store;
let path: string;
const clock = { now: () => 1_000, random: () => 0.5 };
beforeEach(async () => {
  folder = temporaryFolder();
  path = join(folder.path, "sluice.db");
  store = await openSqliteStore(path, clock);
});
afterEach(async () => {
  await store.close();
  folder.remove();
});
const event = (text: string): NewEvent => ({ type: "test", actor: automation, text });
const keys = (items: readonly { key: string }[]) => items.map((item) => item.key);

test("work is claimed when due, once, and is gone when it is done", async () => {
  await store.work.schedule("a", "k", 10);
  await store.work.schedule("b", "k", 20);
  expect(await store.work.claim("me", 9, 100, 10)).toEqual([]);
  const [a] = await store.work.claim("me", 15, 100, 10);
  expect(a).toEqual({ key: "a", kind: "k", token: 1, attempts: 1 });
  expect(await store.work.claim("me", 15, 100, 10)).toEqual([]);
  expect(await store.work.nextAt()).toBe(20);
  expect(await store.work.finish(a!, undefined, false)).toBe(true);
  expect(keys(await store.work.claim("me", 1_000, 100, 10))).toEqual(["b"]);
});

test("the earliest time asked for counts", async () => {
  for (const at of [50, 20, 90]) await store.work.schedule("a", "k", at);
  expect(await store.work.nextAt()).toBe(20);
});

test("work scheduled while it is being done is done again", async () => {
  await store.work.schedule("a", "k", 10);
  const [a] = await store.work.claim("me", 10, 100, 1);
  await store.work.schedule("a", "k", 12);
  expect(await store.work.finish(a!, undefined, false)).toBe(true);
  const [again] = await store.work.claim("me", 12, 100, 1);
  expect(again).toMatchObject({ key: "a", attempts: 1 });
});

test("a lease that ended is taken over, and who lost it can neither extend nor finish", async () => {
  await store.work.schedule("a", "k", 10);
  const [lost] = await store.work.claim("me", 10, 100, 1);
  expect(await store.work.extend(lost!, 150)).toBe(true);
  expect(await store.work.claim("you", 149, 100, 1)).toEqual([]);
  const [taken] = await store.work.claim("you", 150, 100, 1);
  expect(taken).toMatchObject({ key: "a", attempts: 2 });
  expect(await store.work.extend(lost!, 9_999)).toBe(false);
  expect(await store.work.finish(lost!, undefined, false)).toBe(false);
  expect(await store.work.finish(taken!, undefined, false)).toBe(true);
});

test("leases of an owner's earlier life are freed, those of others stay", async () => {
  for (const key of ["a", "b"]) await store.work.schedule(key, "k", 10);
  const [mine] = await store.work.claim("me", 10, 1_000, 1);
  const [other] = await store.work.claim("you", 10, 1_000, 1);
  await store.work.free("me");
  expect(await store.work.finish(mine!, undefined, false)).toBe(false);
  expect(keys(await store.work.claim("me", 11, 1_000, 5))).toEqual([mine!.key]);
  expect(await store.work.finish(other!, undefined, false)).toBe(true);
});

test("failed work keeps its count of attempts, work that came through starts anew", async () => {
  await store.work.schedule("a", "k", 10);
  for (const [failed, attempts] of [
    [true, 1],
    [true, 2],
    [false, 3],
    [false, 1],
  ] as const) {
    const [item] = await store.work.claim("me", 100, 10, 1);
    expect(item!.attempts).toBe(attempts);
    await store.work.finish(item!, 100, failed);
  }
});

test("no schedule is lost and nothing is done by two at once, whatever happens in which order", async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("schedule" as const), key: fc.constantFrom("a", "b") }),
    fc.record({ do: fc.constant("claim" as const), owner: fc.constantFrom("x", "y") }),
    fc.record({ do: fc.constant("finish" as const), again: fc.boolean() }),
    fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 20 }) }),
    fc.record({ do: fc.constant("free" as const), owner: fc.constantFrom("x", "y") }),
  );
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const own = await openSqliteStore(join(folder.path, `run${run++}.db`), clock);
      const wanted = new Set<string>();
      const held: { key: string; token: number; kind: string; attempts: number; until: number; owner: string }[] = [];
      let now = 0;
      for (const each of steps) {
        if (each.do === "schedule") {
          await own.work.schedule(each.key, "k", now);
          wanted.add(each.key);
        } else if (each.do === "claim")
          for (const item of await own.work.claim(each.owner, now, 10, 1)) {
            expect(held.some((other) => other.key === item.key && other.until > now)).toBe(false);
            wanted.delete(item.key);
            held.push({ ...item, until: now + 10, owner: each.owner });
          }
        else if (each.do === "finish") {
          const item = held.shift();
          if (item === undefined) continue;
          const valid = held.every((other) => other.key !== item.key) && item.until >= 0;
          const kept = await own.work.finish(item, each.again ? now : undefined, false);
          if (kept) {
            expect(valid).toBe(true);
            if (each.again) wanted.add(item.key);
          }
        } else if (each.do === "pass") now += each.ms;
        else {
          await own.work.free(each.owner);
          for (const item of held) if (item.owner === each.owner && item.until >= 0) item.until = -1;
        }
      }
      const due = new Set(keys(await own.work.claim("z", now + 1_000, 10, 100)));
      for (const key of wanted) expect(due.has(key)).toBe(true);
      await own.close();
    }),
    { numRuns: 60 },
  );
});

test("two workers on one file share the work without doing any of it twice", async () => {
  const other = await openSqliteStore(path, clock);
  for (let index = 0; index < 40; index++) await store.work.schedule(`w${index}`, "k", 1);
  const claimed: string[] = [];
  const drain = async (from: Store, owner: string) => {
    for (;;) {
      const items = await from.work.claim(owner, 10, 1_000, 3);
      if (items.length === 0) return;
      claimed.push(...keys(items));
    }
  };
  await Promise.all([drain(store, "one"), drain(other, "two")]);
  expect(claimed).toHaveLength(40);
  expect(new Set(claimed).size).toBe(40);
  await other.close();
});

test("events are numbered in commit order, without gaps, and told in it", async () => {
  const told: number[] = [];
  store.onChange(({ events }) => told.push(...events.map((entry) => entry.seq)));
  await Promise.all([
    store.events.append(event("1")),
    store.transaction(async (groups) => {
      await groups.events.append(event("2"));
      await Promise.resolve();
      await groups.events.append(event("3"));
    }),
    store.events.append(event("4")),
  ]);
  expect((await store.events.after(0, 10)).map((entry) => [entry.seq, entry.text])).toEqual([
    [1, "1"],
    [2, "2"],
    [3, "3"],
    [4, "4"],
  ]);
  expect(told).toEqual([1, 2, 3, 4]);
  expect((await store.events.after(2, 1)).map((entry) => entry.seq)).toEqual([3]);
  expect((await store.events.before(3, 10)).map((entry) => entry.seq)).toEqual([2, 1]);
});

test("a transaction that throws leaves nothing behind and tells nobody", async () => {
  let told = 0;
  store.onChange(() => told++);
  await expect(
    store.transaction(async (groups) => {
      await groups.events.append(event("lost"));
      await groups.work.schedule("a", "k", 1);
      await groups.values.put("x", "y");
      throw new Error("stop");
    }),
  ).rejects.toThrow("stop");
  expect(told).toBe(0);
  expect(await store.events.last()).toBe(0);
  expect(await store.work.nextAt()).toBeUndefined();
  expect(await store.values.get("x")).toBeUndefined();
});

test("nobody is told of what could not be made durable", async () => {
  // Another hand breaks the database so that the commit of one event fails, and all that waits with it.
  const other = new DatabaseSync(path);
  other.exec(`create table broken (id text references promotions (id) deferrable initially deferred);
    create trigger breaks after insert on events when new.body like '%poison%' begin insert into broken values ('gone'); end`);
  other.close();
  let told = 0;
  store.onChange(() => told++);
  const together = await Promise.allSettled([
    store.events.append(event("good")),
    store.events.append(event("poison")),
    store.transaction(({ work }) => work.schedule("a", "k", 1)),
    store.events.last(),
  ]);
  expect(together.map(({ status }) => status)).toEqual(Array.from({ length: 4 }, () => "rejected"));
  expect([told, await store.events.last(), await store.work.nextAt()]).toEqual([0, 0, undefined]);
  expect((await store.events.append(event("next"))).seq).toBe(1);
  expect(told).toBe(1);
});

function promotion(id: string, createdAt: number): Promotion {
  return {
    id,
    source: { kind: "registry" },
    target: { kind: "environment", environment: "dev" },
    by: automation,
    message: "",
    createdAt,
    state: "under way",
  };
}
const release = (owner: string): Release => ({
  id: `${owner}/dev`,
  promotion: owner,
  environment: "dev",
  position: 0,
  state: { step: "planned" },
  changes: [],
  timeline: [],
  revision: 0,
});

test("a release is written by whoever read it last, and by nobody who read it before", async () => {
  await store.promotions.insert(promotion("r-1", 1), [release("r-1")]);
  const read = (await store.promotions.release("r-1/dev"))!;
  expect(await store.promotions.save({ ...read, state: { step: "gated", gates: [] } })).toBe(true);
  expect(await store.promotions.save({ ...read, state: { end: "aborted", reason: "late" } })).toBe(false);
  expect((await store.promotions.release("r-1/dev"))!.state).toEqual({ step: "gated", gates: [] });
  expect(await store.promotions.active("dev")).toHaveLength(1);
});

test("promotions are paged newest first without loss, also those of the same instant", async () => {
  for (const [id, at] of [
    ["r-a", 1],
    ["r-b", 2],
    ["r-c", 2],
    ["r-d", 3],
  ] as const)
    await store.promotions.insert(promotion(id, at), []);
  const seen: string[] = [];
  for (let before: string | undefined; ; before = seen.at(-1)) {
    const page = await store.promotions.list({ limit: 1, ...(before === undefined ? {} : { before }) });
    if (page.length === 0) break;
    seen.push(...page.map((entry) => entry.id));
  }
  expect(seen).toEqual(["r-d", "r-c", "r-b", "r-a"]);
});

const change = (id: string, createdAt: number, environment = "dev"): PolicyChange => ({
  id,
  environment,
  by: { name: "ana", kind: "person" },
  message: "",
  createdAt,
  updates: [{ workload: "shop:deployment/web", add: { locked: "true" }, remove: [] }],
  state: { step: "queued" },
  revision: 0,
});

test("a policy change is written by whoever read it last, and by nobody who read it before", async () => {
  await store.changes.insert(change("c-1", 1));
  const read = (await store.changes.get("c-1"))!;
  expect(await store.changes.save({ ...read, state: { step: "writing", base: "b" } })).toBe(true);
  expect(await store.changes.save({ ...read, state: { end: "nothing to do", outcomes: [] }, endedAt: 2 })).toBe(false);
  expect(await store.changes.get("c-1")).toEqual({ ...read, state: { step: "writing", base: "b" }, revision: 1 });
  expect(await store.changes.get("c-2")).toBeUndefined();
});

test("policy changes are paged newest first without loss, of one environment or of all", async () => {
  for (const [id, at, environment] of [
    ["c-a", 1, "dev"],
    ["c-b", 2, "prod"],
    ["c-c", 2, "dev"],
    ["c-d", 3, "dev"],
  ] as const)
    await store.changes.insert(change(id, at, environment));
  const paged = async (more: { environment?: string }) => {
    const seen: string[] = [];
    for (;;) {
      const last = seen.at(-1);
      const page = await store.changes.list({ limit: 1, ...more, ...(last === undefined ? {} : { before: last }) });
      if (page.length === 0) return seen;
      seen.push(...page.map((entry) => entry.id));
    }
  };
  expect(await paged({})).toEqual(["c-d", "c-c", "c-b", "c-a"]);
  expect(await paged({ environment: "dev" })).toEqual(["c-d", "c-c", "c-a"]);
});

test("everything is there after closing and opening again, and a closed store says so", async () => {
  await store.events.append(event("kept"));
  await store.promotions.insert({ ...promotion("r-2", 5), reverts: "r-1" }, [release("r-2")]);
  await store.close();
  await expect(store.events.last()).rejects.toThrow("The store is closed.");
  store = await openSqliteStore(path, clock);
  expect((await store.events.after(0, 10)).map((entry) => entry.text)).toEqual(["kept"]);
  expect((await store.promotions.reverting("r-1"))?.id).toBe("r-2");
  expect(await store.promotions.releases("r-2")).toHaveLength(1);
});

test("a data folder has one server at a time, and the same owner in every life", () => {
  const held = holdFolder(folder.path);
  expect(() => holdFolder(folder.path)).toThrow("another server uses the data folder");
  held.release();
  const again = holdFolder(folder.path);
  expect(again.owner).toBe(held.owner);
  again.release();
});

test("the SQL is the dialect that Postgres reads too", () => {
  const files = globSync("{queries/*.ts,migrations/*.sql}", { cwd: import.meta.dirname }).filter(
    (file) => !file.endsWith(".test.ts"),
  );
  expect(files.length).toBeGreaterThan(3);
  for (const file of files) {
    const text = readFileSync(join(import.meta.dirname, file), "utf8");
    expect(text, file).not.toMatch(
      /\b(json_\w+\(|strftime|datetime\(|unixepoch|ifnull\(|insert or |replace into|rowid|autoincrement|glob |pragma|group_concat|total\()/i,
    );
    expect(text, file).not.toMatch(/\b(integer|blob|real)\b/i);
  }
});
