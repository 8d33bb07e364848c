import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/repository.ts";
import { until } from "../../test/support/until.ts";
import { SluiceError } from "../errors.ts";
import { systemClock } from "../model/ports/clock.ts";
import { silentLog } from "../model/ports/log.ts";
import type { Store } from "../model/ports/store.ts";
import { openSqliteStore } from "../store/store.ts";
import { Catalogue } from "./catalogue.ts";

const name = "registry.shop.example/shop/web";
let folder: ReturnType<typeof temporaryFolder>;
let store: Store;
let catalogue: Catalogue;
let calls: string[];
let tags: Map<string, string>;
let refuse: (call: string) => Error | undefined;
let poll = 3_600_000;

beforeEach(async () => {
  folder = temporaryFolder();
  store = await openSqliteStore(`${folder.path}/sluice.db`, systemClock);
  calls = [];
  tags = new Map([["1.0.0", "sha256:1"]]);
  refuse = () => undefined;
  poll = 3_600_000;
  catalogue = create();
});
afterEach(async () => {
  await catalogue.close();
  await store.close();
  folder.remove();
});
/** Over a registry that is a map, and counts what it is asked. */
function create(): Catalogue {
  const asked = (call: string) => {
    calls.push(call);
    const error = refuse(call);
    if (error !== undefined) throw error;
  };
  return new Catalogue({
    registry: {
      async tags() {
        asked("list");
        return [...tags.keys()];
      },
      async digest(_name, tag) {
        asked(`digest ${tag}`);
        return tags.get(tag)!;
      },
      async metadata(_name, reference) {
        asked(`metadata ${reference}`);
        return { digest: tags.get(reference) ?? reference, labels: {}, createdAt: 1 };
      },
    },
    store,
    clock: systemClock,
    log: silentLog,
    pollOf: () => poll,
  });
}
const use = (...used: string[]) => catalogue.want(new Map([[name, new Set(used)]]));
const known = (tag: string) => catalogue.repository(name)?.images.find((image) => image.tag === tag)?.digest;
const events = async () => (await store.events.after(0, 100)).map((event) => event.text);
const tooMany = () => new SluiceError("registry_failed", "slow down", { status: 429, retryAfterMs: 1 });

test("a notification costs the list and the tag it names, however many tags there are", async () => {
  for (let index = 0; index < 1_000; index++) tags.set(`t${index}`, `sha256:${index}`);
  use("t5");
  await until("the first scan", () => catalogue.repository(name)?.scannedAt);
  expect(calls).toHaveLength(1_002);
  calls = [];
  tags.set("new", "sha256:new");
  expect(catalogue.wake(name, "new")).toBe(true);
  await until("the new tag", () => known("new"));
  expect(calls).toEqual(["list", "metadata new"]);
  calls = [];
  tags.set("t7", "sha256:moved");
  catalogue.wake(name, "t7");
  await until("the moved tag", () => known("t7") === "sha256:moved");
  expect(calls).toEqual(["list", "digest t7", "metadata sha256:moved"]);
  expect(await events()).toEqual([`${name}:new is in the registry`, `${name}:t7 is in the registry`]);
});

test("a poll sees that a tag in use moved, and comes round to the others in turn", async () => {
  for (let index = 100; index < 150; index++) tags.set(`t${index}`, "sha256:old");
  poll = 20;
  use("t149");
  await until("the first scan", () => catalogue.repository(name)?.scannedAt);
  const first = calls.length;
  tags.set("t149", "sha256:moved");
  tags.set("t125", "sha256:moved");
  await until("the tag in use", () => known("t149") === "sha256:moved");
  await until("the other one", () => known("t125") === "sha256:moved");
  const lists = calls.slice(first).filter((call) => call === "list").length;
  const digests = calls.slice(first).filter((call) => call.startsWith("digest")).length;
  expect(digests).toBeLessThanOrEqual(lists * 21);
});

const types = async () => (await store.events.after(0, 100)).map((event) => event.type);
const suspect = () => catalogue.repository(name)?.suspect;
/** A repository of tags `t0`..`t9` of which all but `left` go at once. */
async function shrink(left: readonly string[]): Promise<void> {
  tags = new Map(Array.from({ length: 10 }, (_, index) => [`t${index}`, `sha256:${index}`]));
  use();
  await until("the first scan", () => catalogue.repository(name)?.scannedAt);
  tags = new Map(left.map((tag) => [tag, `sha256:${tag.slice(1)}`]));
  catalogue.wake(name);
  await until("the suspicion", suspect);
}

test("a list that loses most of its tags at once is suspect, and is told once", async () => {
  await shrink(["t0", "t1"]);
  expect(suspect()).toMatchObject({ had: 10, has: 2 });
  expect(catalogue.repository(name)?.images.map((image) => image.tag)).toEqual(["t0", "t1"]);
  tags.set("new", "sha256:new");
  catalogue.wake(name);
  await until("the new tag", () => known("new"));
  expect(suspect()).toMatchObject({ had: 10, has: 2 });
  expect((await types()).filter((type) => type === "image.tags-missing")).toHaveLength(1);
});

test("tags that come back end the suspicion, without being read or told again", async () => {
  await shrink([]);
  calls = [];
  for (let index = 0; index < 10; index++) tags.set(`t${index}`, `sha256:${index}`);
  catalogue.wake(name);
  await until("no suspicion", () => suspect() === undefined);
  expect(calls).toEqual(["list"]);
  expect(catalogue.repository(name)?.images).toHaveLength(10);
  expect(await types()).toEqual(["image.tags-missing"]);
});

test("a suspicion survives a restart, and so does what is known of the missing tags", async () => {
  await shrink(["t3"]);
  const before = suspect();
  await catalogue.close();
  catalogue = create();
  await catalogue.load();
  expect(suspect()).toEqual(before);
  use();
  await until("a scan", () => catalogue.repository(name)?.scannedAt);
  expect(suspect()).toEqual(before);
  expect(catalogue.repository(name)?.images.map((image) => image.tag)).toEqual(["t3"]);
});

test("a person who takes something from a shrunk list accepts it, for good", async () => {
  await shrink(["t3"]);
  let told = 0;
  catalogue.onChange(() => told++);
  await catalogue.accept(name, { name: "Ana", kind: "person" });
  expect(suspect()).toBeUndefined();
  expect(told).toBe(1);
  expect((await store.events.after(0, 100)).at(-1)).toMatchObject({
    type: "image.tags-accepted",
    actor: { name: "Ana" },
    text: `Accepted that of 10 tags of ${name} only 1 are left`,
  });
  await catalogue.close();
  catalogue = create();
  await catalogue.load();
  use();
  await until("a scan", () => catalogue.repository(name)?.scannedAt);
  expect(suspect()).toBeUndefined();
  await catalogue.accept("registry.shop.example/shop/other", { name: "Ana", kind: "person" });
});

test("a tag that cannot be read is told once", async () => {
  use();
  await until("the scan", () => catalogue.repository(name)?.scannedAt);
  refuse = (call) => (call === "metadata bad" ? new SluiceError("registry_failed", "broken manifest") : undefined);
  tags.set("bad", "sha256:b");
  catalogue.wake(name, "bad");
  await until("the event", async () => (await events()).length > 0);
  catalogue.wake(name, "bad");
  tags.set("good", "sha256:g");
  catalogue.wake(name, "good");
  await until("the good one", () => known("good"));
  expect(await events()).toEqual([
    `${name}:bad cannot be read and is passed over: broken manifest`,
    `${name}:good is in the registry`,
  ]);
});

test("a bad tag costs that tag only, and is told", async () => {
  tags.set("bad", "sha256:b");
  refuse = (call) => (call === "metadata bad" ? new SluiceError("registry_failed", "broken manifest") : undefined);
  use();
  await until("the scan", () => catalogue.repository(name)?.scannedAt);
  expect(known("1.0.0")).toBe("sha256:1");
  expect(catalogue.repository(name)?.badTags).toEqual({ bad: "broken manifest" });
});

test("a host that asks for rest is left alone for as long, then what was missed is read", async () => {
  let resting = true;
  refuse = (call) => (resting && call.startsWith("metadata") ? tooMany() : undefined);
  for (let index = 0; index < 100; index++) tags.set(`t${index}`, "sha256:x");
  use();
  await until("the problem", () => catalogue.repository(name)?.problem === "slow down");
  expect(calls.filter((call) => call.startsWith("metadata")).length).toBeLessThanOrEqual(8);
  expect(catalogue.repository(name)?.badTags).toEqual({});
  const before = calls.length;
  catalogue.wake(name, "t1");
  expect(calls).toHaveLength(before);
  resting = false;
  await until("all tags", () => catalogue.repository(name)?.images.length === 101);
  expect(catalogue.repository(name)?.problem).toBeUndefined();
});

test("a registry that is away leaves what was known, with the reason", async () => {
  use();
  await until("the scan", () => known("1.0.0"));
  refuse = () => new SluiceError("registry_failed", "cannot be reached");
  catalogue.wake(name);
  await until("the problem", () => catalogue.repository(name)?.problem === "cannot be reached");
  expect(known("1.0.0")).toBe("sha256:1");
});

test("a push during a scan is seen by another one after it", async () => {
  use();
  await until("the list", () => calls.includes("list"));
  tags.set("2.0.0", "sha256:2");
  catalogue.wake(name, "2.0.0");
  await until("2.0.0", () => known("2.0.0") === "sha256:2");
});

test("nobody's repositories are not read, and what was learned is there after a restart", async () => {
  expect(catalogue.wake("registry.shop.example/shop/other")).toBe(false);
  use();
  await until("the scan", () => known("1.0.0"));
  catalogue.want(new Map());
  expect(catalogue.wake(name)).toBe(false);
  expect(catalogue.names).toEqual([]);
  await catalogue.close();
  catalogue = create();
  await catalogue.load();
  expect(known("1.0.0")).toBe("sha256:1");
  tags.delete("1.0.0");
  tags.set("3.0.0", "sha256:3");
  use();
  await until("the scan", () => known("3.0.0"));
  expect(known("1.0.0")).toBeUndefined();
});
