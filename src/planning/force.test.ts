import { describe, expect, test } from "vitest";
import type { CatalogueRepository } from "../model/catalogue.ts";
import { parseImage } from "../model/image.ts";
import type { PlanItem } from "../model/plan.ts";
import type { Hold } from "../model/release.ts";
import type { Workload, WorkloadPolicy } from "../model/workload.ts";
import { fromRegistry } from "./candidates.ts";
import { makePlan, type PlanInput } from "./plan.ts";
import { troubleOf } from "./suspect.ts";

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const repository: CatalogueRepository = {
  name: "docker.io/shop/cart",
  images: ["1", "2", "3"].map((tag, index) => ({
    name: "docker.io/shop/cart",
    tag,
    digest: digest("abc"[index]!),
    createdAt: index,
    seenAt: 0,
    labels: {},
  })),
  badTags: {},
  scannedAt: 1,
};
function workload(
  name: string,
  images: Readonly<Record<string, string>>,
  policy: Partial<WorkloadPolicy> = {},
): Workload {
  return {
    id: `shop:deployment/${name}`,
    apiVersion: "apps/v1",
    kind: "Deployment",
    namespace: "shop",
    name,
    file: `shop/${name}.yaml`,
    line: 1,
    containers: Object.entries(images).map(([container, image]) => ({ container, init: false, image })),
    policy: { automated: false, ignored: false, tags: {}, written: {}, ...policy },
  };
}
const cart = (policy: Partial<WorkloadPolicy> = {}) => workload("cart", { cart: "shop/cart:1" }, policy);
const id = "shop:deployment/cart";

function plan(workloads: readonly Workload[], input: Partial<PlanInput> = {}, known = repository): readonly PlanItem[] {
  return makePlan({
    environment: "prod",
    commit: "c",
    source: { kind: "registry" },
    workloads,
    candidate: (entry, slot) => fromRegistry(entry, slot, slot.image.includes("cart") ? known : undefined),
    repository: (name) => (name === known.name ? known : undefined),
    holds: [],
    underWay: new Map(),
    automatic: false,
    ...input,
  }).items;
}

describe("force", () => {
  test.each([
    ["a lock", { locked: { by: "Ana" } }, "locked", /^forced: locked by Ana/],
    ["an ignore", { ignored: true }, "ignored", /^forced: .*says to ignore it/],
  ] as const)("breaks %s of a workload that is named, and says so", (_, policy, rule, text) => {
    const [item] = plan([cart(policy)], { selection: [{ workload: id }], force: true });
    expect(item).toMatchObject({ status: "change", to: "shop/cart:3", forced: [rule] });
    expect(item!.text).toMatch(text);
    for (const input of [
      { force: true },
      { selection: [{ workload: id }] },
      { selection: [{ workload: id }], force: true, automatic: true },
    ])
      expect(plan([cart(policy)], input)[0]).toMatchObject({ status: "refused", reason: rule });
  });

  test("breaks the filter of a tag that is named, and no other", () => {
    const filtered = cart({ tags: { cart: "glob:3" } });
    const named = plan([filtered], { selection: [{ workload: id, tag: "2" }], force: true });
    expect(named[0]).toMatchObject({ status: "change", to: "shop/cart:2", forced: ["filtered"] });
    const newest = plan([filtered], { selection: [{ workload: id }], force: true });
    expect(newest[0]).toMatchObject({ to: "shop/cart:3" });
    expect(newest[0]).not.toHaveProperty("forced");
    const image = parseImage("shop/cart:2")!;
    expect(plan([filtered], { image, force: true })[0]).toMatchObject({ status: "change", forced: ["filtered"] });
    expect(plan([filtered], { image })[0]).toMatchObject({ status: "refused", reason: "filtered" });
  });

  test("breaks several rules at once and names each", () => {
    const both = cart({ locked: {}, tags: { cart: "glob:3" } });
    const [item] = plan([both], { selection: [{ workload: id, tag: "2" }], force: true });
    expect(item!.forced).toEqual(["locked", "filtered"]);
  });

  test("does not say that anything was forced where no rule stood in the way", () => {
    expect(plan([cart()], { selection: [{ workload: id }], force: true })[0]).not.toHaveProperty("forced");
    const there = plan([cart({ locked: {} })], { selection: [{ workload: id, tag: "1" }], force: true });
    expect(there[0]).toMatchObject({ status: "same" });
    expect(there[0]).not.toHaveProperty("forced");
  });
});

describe("what is left out", () => {
  const web = workload("web", { web: "shop/web:1" });

  test("an excluded workload has no item, also where it is named", () => {
    expect(plan([cart(), web], { exclude: [web.id] }).map((item) => item.workload)).toEqual([id]);
    expect(plan([cart()], { selection: [{ workload: id }], exclude: [id] })).toEqual([]);
  });

  test("one image moves the containers that use it, however they spell it", () => {
    const two = workload("two", {
      a: "docker.io/shop/cart:1",
      b: "shop/web:1",
      c: `index.docker.io/shop/cart:1@${digest("a")}`,
    });
    const items = plan([cart(), two, web], { image: parseImage("shop/cart:2")! });
    expect(items.map((item) => [item.workload, item.container, item.to])).toEqual([
      [id, "cart", "shop/cart:2"],
      [two.id, "a", "docker.io/shop/cart:2"],
      [two.id, "c", `index.docker.io/shop/cart:2@${digest("b")}`],
    ]);
  });

  test("a named workload that does not use the image says so", () => {
    const items = plan([cart(), web], { image: parseImage("shop/cart:2")!, selection: [{ workload: web.id }] });
    expect(items).toMatchObject([{ workload: web.id, status: "absent", reason: "image_not_used" }]);
    expect(items[0]!.text).toBe("shop:deployment/web uses no shop/cart in prod");
  });

  test("an image with another digest than its tag has is refused", () => {
    const image = parseImage(`shop/cart:2@${digest("9")}`)!;
    expect(plan([cart()], { image })[0]).toMatchObject({ status: "refused", reason: "tag_moved" });
    expect(plan([cart()], { image: parseImage(`shop/cart:2@${digest("b")}`)! })[0]!.status).toBe("change");
  });
});

test("what was seen when it was chosen must still stand there", () => {
  const from = (image: string) =>
    plan([cart()], { selection: [{ workload: id, container: "cart", tag: "2", from: image }] })[0]!;
  expect(from("shop/cart:1").status).toBe("change");
  expect(from("docker.io/shop/cart:1").status).toBe("change");
  expect(from("shop/cart:0")).toMatchObject({
    status: "refused",
    reason: "mismatch",
    text: "Git names shop/cart:1 now, not shop/cart:0",
  });
});

describe("a tag list that shrank", () => {
  const suspect = { ...repository, suspect: { since: 0, had: 40, has: 3 } };

  test("is not used by automation, and says who can accept it", () => {
    const [item] = plan([cart()], { automatic: true }, suspect);
    expect(item).toMatchObject({ status: "refused", reason: "tags_missing" });
    expect(item!.text).toContain("listed 40 tags and lists only 3 of them now");
    expect(item!.who).toContain("by hand");
  });

  test("can be used by a person, who is told", () => {
    const [item] = plan([cart()], {}, suspect);
    expect(item).toMatchObject({ status: "change", to: "shop/cart:3" });
    expect(item!.text).toContain("promoting it accepts that");
  });

  test("keeps nothing away that was verified elsewhere", () => {
    const source = { kind: "stage", pipeline: "shop", stage: "dev" } as const;
    const candidate = () => ({ found: true, version: { tag: "2", digest: digest("b") }, verified: true }) as const;
    expect(plan([cart()], { source, candidate, automatic: true }, suspect)[0]!.status).toBe("change");
  });

  test("that is empty says so, rather than that it is being read", () => {
    const empty = { ...repository, images: [], suspect: { since: 0, had: 40, has: 0 } };
    const [item] = plan([cart()], { automatic: true }, empty);
    expect(item).toMatchObject({ status: "waiting", reason: "tags_missing" });
    expect(item!.text).toContain("lists none of them now");
  });
});

test("what is wrong with a repository is told, the worst first", () => {
  const suspect = { since: 0, had: 40, has: 3 };
  const badTags = { "4": "its manifest is gone", "5": "too large" };
  expect(troubleOf({ ...repository, badTags })).toBe("4 cannot be read: its manifest is gone, and 1 more");
  expect(troubleOf({ ...repository, badTags, suspect })).toMatch(/^the registry listed 40 tags/);
  expect(troubleOf({ ...repository, badTags, suspect, problem: "cannot be reached" })).toBe("cannot be reached");
  expect(troubleOf(repository)).toBeUndefined();
});

describe("a tag that cannot be read", () => {
  const bad = (tag: string) => ({ ...repository, badTags: { [tag]: "its manifest is gone" } });

  test.each([
    ["semver:*", "4", /^newer 4 cannot be read: its manifest is gone$/],
    ["glob:*", "4", /^newer 4 cannot be read/],
    ["glob:*", "main", /^main may be newer and cannot be read/],
  ])("with %s, %s is told where it would be newer", (filter, tag, text) => {
    expect(plan([cart({ tags: { cart: filter } })], {}, bad(tag))[0]).toMatchObject({
      status: "change",
      text: expect.stringMatching(text),
    });
    const there = workload("cart", { cart: "shop/cart:3" }, { tags: { cart: filter } });
    expect(plan([there], {}, bad(tag))[0]).toMatchObject({
      status: "same",
      text: expect.stringContaining("cannot be read"),
    });
  });

  test.each([
    ["semver:*", "0.9"],
    ["semver:*", "main"],
    ["semver:<4", "4"],
    ["glob:*", "0.9"],
    ["glob:3*", "4"],
  ])("with %s, %s is not worth a word", (filter, tag) => {
    expect(plan([cart({ tags: { cart: filter } })], {}, bad(tag))[0]).not.toHaveProperty("text");
  });

  test("is why nothing passes the filter", () => {
    expect(plan([cart({ tags: { cart: "glob:main-*" } })], {}, bad("main-7"))[0]!.text).toBe(
      "no tag of shop/cart passes glob:main-*; newer main-7 cannot be read: its manifest is gone",
    );
  });
});

test("a filter's own order tells which is newer where build times do not", () => {
  const images = ["main-9", "main-10"].map((tag, index) => ({
    name: repository.name,
    tag,
    digest: digest("de"[index]!),
    seenAt: 0,
    labels: {},
  }));
  const timeless = { ...repository, images };
  const numbered = (tag: string, order: string, holds: readonly Hold[] = []) =>
    plan(
      [workload("cart", { cart: `shop/cart:${tag}` }, { tags: { cart: `numerical:${order}:^main-(\\d+)$` } })],
      { automatic: true, holds },
      timeless,
    )[0]!;
  expect(numbered("main-9", "asc")).toMatchObject({ status: "change", to: "shop/cart:main-10", behind: 1 });
  expect(numbered("main-10", "asc").status).toBe("same");
  expect(numbered("main-10", "desc")).toMatchObject({ status: "change", to: "shop/cart:main-9" });
  const held = (tag: string): Hold[] => [
    { environment: "prod", workload: id, container: "cart", what: { tag }, reason: "", commit: "x", at: 2, by: "Ana" },
  ];
  expect(numbered("main-8", "asc", held("main-9")).status).toBe("change");
  expect(numbered("main-8", "asc", held("main-10"))).toMatchObject({ status: "refused", reason: "held" });
});
