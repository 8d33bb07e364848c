import { describe, expect, test } from "vitest";
import type { CatalogueImage, CatalogueRepository } from "../model/catalogue.ts";
import type { PlanItem } from "../model/plan.ts";
import type { Hold } from "../model/release.ts";
import type { Workload, WorkloadPolicy } from "../model/workload.ts";
import { fromRegistry } from "./candidates.ts";
import { makePlan, type PlanInput } from "./plan.ts";

const cart = "docker.io/shop/cart";
const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;

function workload(image: string, policy: Partial<WorkloadPolicy> = {}, name = "cart"): Workload {
  return {
    id: `shop:deployment/${name}`,
    apiVersion: "apps/v1",
    kind: "Deployment",
    namespace: "shop",
    name,
    file: "shop/cart.yaml",
    line: 3,
    containers: [{ container: name, init: false, image }],
    policy: { automated: false, ignored: false, tags: {}, written: {}, ...policy },
  };
}
function image(tag: string, letter: string, createdAt?: number): CatalogueImage {
  return {
    name: cart,
    tag,
    digest: digest(letter),
    seenAt: 0,
    labels: {},
    ...(createdAt === undefined ? {} : { createdAt }),
  };
}
function repository(...images: CatalogueImage[]): CatalogueRepository {
  return { name: cart, images, badTags: {}, scannedAt: 1 };
}
const images = repository(image("1", "a", 1), image("2", "b", 2), image("3", "c", 3));

function plan(
  workloads: readonly Workload[],
  input: Partial<PlanInput> = {},
  known: CatalogueRepository | undefined = images,
) {
  return makePlan({
    environment: "prod",
    commit: "c",
    source: { kind: "registry" },
    workloads,
    candidate: (entry, slot) => fromRegistry(entry, slot, known),
    repository: (name) => (name === cart ? known : undefined),
    holds: [],
    underWay: new Map(),
    automatic: false,
    ...input,
  }).items;
}
const one = (items: readonly PlanItem[]): PlanItem => {
  expect(items).toHaveLength(1);
  return items[0]!;
};
const hold = (what: Hold["what"]): Hold => ({
  environment: "prod",
  workload: "shop:deployment/cart",
  container: "cart",
  what,
  reason: "it lost orders",
  commit: "x",
  at: 2,
  by: "Ana",
});

describe("from the registry", () => {
  test("the newest allowed image is taken, with what is known of it", () => {
    expect(one(plan([workload("shop/cart:1")]))).toMatchObject({
      status: "change",
      from: "shop/cart:1",
      to: "shop/cart:3",
      behind: 2,
      builtAt: 3,
      toVersion: { tag: "3", digest: digest("c") },
    });
  });

  test("what is there already stays", () => {
    expect(one(plan([workload("shop/cart:3")]))).toMatchObject({ status: "same", reason: "up_to_date" });
  });

  test("a tag somebody names is taken, and one that is not there is told", () => {
    const id = "shop:deployment/cart";
    expect(one(plan([workload("shop/cart:3")], { selection: [{ workload: id, tag: "1" }] })).to).toBe("shop/cart:1");
    const missing = one(plan([workload("shop/cart:3")], { selection: [{ workload: id, tag: "9" }] }));
    expect(missing).toMatchObject({ status: "refused", reason: "no_image_data", toVersion: { tag: "9" } });
    expect(missing.text).toContain("no shop/cart:9");
    const bad = { ...images, badTags: { "9": "its manifest is gone" } };
    const unread = one(plan([workload("shop/cart:3")], { selection: [{ workload: id, tag: "9" }] }, bad));
    expect(unread.text).toContain("its manifest is gone");
  });

  test("a registry that was never read makes things wait, not fail", () => {
    expect(one(plan([workload("shop/cart:1")], { repository: () => undefined }, repository()))).toMatchObject({
      status: "waiting",
      reason: "no_image_data",
    });
    const item = one(
      plan([workload("shop/cart:1")], {
        repository: () => undefined,
        selection: [{ workload: "shop:deployment/cart", tag: "2" }],
      }),
    );
    expect(item.status).toBe("waiting");
  });

  test("images that do not tell when they were built have no newest", () => {
    const item = one(plan([workload("shop/cart:1")], {}, repository(image("1", "a"), image("2", "b"))));
    expect(item).toMatchObject({ status: "refused", reason: "no_image_data" });
    expect(item.who).toBeDefined();
  });

  test("of images built at the same instant the highest version wins, and without versions none", () => {
    const tied = repository(image("1.9", "a", 0), image("1.10", "b", 0));
    expect(one(plan([workload("shop/cart:1.9")], { automatic: true }, tied)).to).toBe("shop/cart:1.10");
    const nameless = repository(image("abc", "a", 0), image("abd", "b", 0));
    expect(one(plan([workload("shop/cart:abc")], {}, nameless)).reason).toBe("no_image_data");
  });

  test("a reference with a digest gets tag and digest together, and waits where the digest is not known", () => {
    const pinned = workload(`shop/cart:1@${digest("a")}`);
    expect(one(plan([pinned])).to).toBe(`shop/cart:3@${digest("c")}`);
    const candidate = () => ({ found: true, version: { tag: "4" } }) as const;
    expect(one(plan([pinned], { candidate }))).toMatchObject({ status: "waiting", reason: "needs_digest" });
  });
});

describe("rules say who can lift them", () => {
  const policies: [string, Partial<WorkloadPolicy>, string, RegExp][] = [
    [
      "a lock",
      { locked: { by: "Ana", message: "sale week" } },
      "locked",
      /locked by Ana: "sale week" \(shop\/cart.yaml line 3\)/,
    ],
    ["a lock without a name", { locked: {} }, "locked", /^locked \(shop/],
    ["an ignore", { ignored: true }, "ignored", /shop\/cart.yaml line 3 says to ignore it/],
    [
      "a filter nothing passes",
      { tags: { cart: "glob:none-*" } },
      "filtered",
      /no tag of shop\/cart passes glob:none-\*/,
    ],
    [
      "a filter that is wrong",
      { tags: { cart: "semver:one" } },
      "filtered",
      /"semver:one" is not a version constraint/,
    ],
  ];
  test.each(policies)("%s refuses, automation and people alike", (_, policy, reason, text) => {
    for (const automatic of [true, false]) {
      const item = one(plan([workload("shop/cart:1", policy)], { automatic }));
      expect(item).toMatchObject({ status: "refused", reason });
      expect(item.text).toMatch(text);
      expect(item.who).toBeTruthy();
    }
  });

  test("a tag named by a person still has to pass the filter", () => {
    const selection = [{ workload: "shop:deployment/cart", tag: "2" }];
    const item = one(plan([workload("shop/cart:1", { tags: { cart: "glob:3*" } })], { selection }));
    expect(item).toMatchObject({ status: "refused", reason: "filtered", toVersion: { tag: "2" } });
  });

  test("what is no image reference is refused with its file", () => {
    expect(one(plan([workload("{{ image }}")]))).toMatchObject({ status: "refused", reason: "not_an_image" });
  });

  test("a rolled-back version stays away from automation, a newer one flows, and a person lifts the hold", () => {
    const held = { holds: [hold({ tag: "3", digest: digest("c") })], automatic: true };
    const item = one(plan([workload("shop/cart:1")], held));
    expect(item).toMatchObject({ status: "refused", reason: "held" });
    expect(item.text).toContain("it lost orders");
    const fixed = repository(...images.images, image("4", "d", 4));
    expect(one(plan([workload("shop/cart:1")], held, fixed))).toMatchObject({ status: "change", to: "shop/cart:4" });
    const byHand = one(plan([workload("shop/cart:1")], { ...held, automatic: false }));
    expect(byHand.status).toBe("change");
    expect(byHand.text).toContain("lifts the hold");
  });

  test("a pin keeps everything away from automation", () => {
    const item = one(plan([workload("shop/cart:1")], { holds: [hold("*")], automatic: true }));
    expect(item.text).toMatch(/^pinned by Ana/);
  });

  test("a hold of another container or of a name nothing compares to keeps nothing new away", () => {
    const other = { ...hold("*"), container: "side" };
    expect(one(plan([workload("shop/cart:1")], { holds: [other], automatic: true })).status).toBe("change");
    const named = repository(image("abc", "a", 1), image("abe", "c", 3));
    expect(
      one(plan([workload("shop/cart:abc")], { holds: [hold({ tag: "gone" })], automatic: true }, named)).status,
    ).toBe("change");
    const early = repository(image("abc", "a", 0), image("abe", "c", 1));
    expect(
      one(plan([workload("shop/cart:abc")], { holds: [hold({ tag: "gone" })], automatic: true }, early)).reason,
    ).toBe("held");
  });

  test("automation never goes back, a person may", () => {
    const older = repository(image("5", "e", 9), image("6", "f", 1));
    const filtered = workload("shop/cart:5", { tags: { cart: "semver:*" } });
    expect(one(plan([filtered], { automatic: true }, older))).toMatchObject({ status: "refused", reason: "older" });
    expect(one(plan([filtered], {}, older)).status).toBe("change");
    const unknown = one(plan([workload("shop/cart:handmade")], { automatic: true }));
    expect(unknown).toMatchObject({ status: "refused", reason: "older" });
    expect(unknown.text).toMatch(/cannot be told/);
  });

  test("automation waits for a release under way", () => {
    const underWay = new Map([["shop:deployment/cart#cart", "r-7f3k"]]);
    const item = one(plan([workload("shop/cart:1")], { underWay, automatic: true }));
    expect(item).toMatchObject({ status: "waiting", reason: "under_way", text: "r-7f3k is changing it" });
    expect(one(plan([workload("shop/cart:1")], { underWay })).status).toBe("change");
  });
});

describe("from another environment", () => {
  const verified = (tag: string, letter: string, name = cart) =>
    ({ found: true, version: { tag, digest: digest(letter) }, verified: true, name }) as const;
  const source = { kind: "stage", pipeline: "shop", stage: "dev" } as const;

  test("a tag that moved since it was verified is refused, unless the digest goes with it", () => {
    const candidate = () => verified("2", "9");
    const item = one(plan([workload("shop/cart:1")], { source, candidate }));
    expect(item).toMatchObject({ status: "refused", reason: "tag_moved" });
    expect(item.text).toContain("sha256:999999999999");
    expect(item.who).toBeTruthy();
    const pinned = one(plan([workload(`shop/cart:1@${digest("a")}`)], { source, candidate }));
    expect(pinned).toMatchObject({ status: "change", to: `shop/cart:2@${digest("9")}` });
  });

  test("a version verified under another name is carried only when the target's repository has that tag", () => {
    const there = () => verified("2", "b", "registry.dev/shop/cart");
    expect(one(plan([workload("shop/cart:1")], { source, candidate: there }))).toMatchObject({
      status: "change",
      to: "shop/cart:2",
      toVersion: { tag: "2", digest: digest("b") },
    });
    const missing = () => verified("7", "7", "registry.dev/shop/cart");
    const item = one(plan([workload("shop/cart:1")], { source, candidate: missing }));
    expect(item).toMatchObject({ status: "refused", reason: "other_image", toVersion: { tag: "7" } });
    expect(item.text).toBe(
      "dev runs registry.dev/shop/cart where prod runs docker.io/shop/cart, and docker.io/shop/cart has no 7",
    );
  });

  test("a tag asked for by name must be the one that the source offers", () => {
    const id = "shop:deployment/cart";
    const candidate = () => verified("2", "b");
    const from = (tag: string) =>
      one(plan([workload("shop/cart:1")], { source, candidate, selection: [{ workload: id, tag }] }));
    expect(from("2")).toMatchObject({ status: "change", to: "shop/cart:2" });
    expect(from("3")).toMatchObject({ status: "refused", reason: "not_verified", text: "dev offers 2, not 3" });
  });

  test("a version without a tag is written by its digest", () => {
    const candidate = () => ({ found: true, version: { tag: "", digest: digest("b") }, verified: true }) as const;
    expect(one(plan([workload("shop/cart:1")], { source, candidate })).to).toBe(`shop/cart@${digest("b")}`);
  });

  test("what is up to date but has a newer version on its way waits", () => {
    const candidate = () =>
      ({ ...verified("1", "a"), pending: { version: { tag: "2" }, text: "2 is not verified in dev" } }) as const;
    expect(one(plan([workload("shop/cart:1")], { source, candidate }))).toMatchObject({
      status: "waiting",
      reason: "not_verified",
      toVersion: { tag: "2" },
    });
  });
});

describe("what was chosen", () => {
  const two: Workload = {
    ...workload("shop/cart:1"),
    containers: [
      { container: "cart", init: false, image: "shop/cart:1" },
      { container: "side", init: false, image: "shop/cart:1" },
    ],
  };
  const id = two.id;

  test("a container named by itself goes before its workload, in whatever order they are named", () => {
    const selection = [
      { workload: id, tag: "2" },
      { workload: id, container: "side", tag: "3" },
    ];
    for (const order of [selection, [...selection].reverse()])
      expect(plan([two], { selection: order }).map((item) => item.to)).toEqual(["shop/cart:2", "shop/cart:3"]);
  });

  test("nothing else is touched, and what is not there is told once", () => {
    const missing = { workload: "shop:deployment/web" };
    const items = plan([two], { selection: [{ workload: id, container: "side" }, missing, missing] });
    expect(items.map((item) => [item.workload, item.container, item.status])).toEqual([
      [id, "side", "change"],
      ["shop:deployment/web", "", "absent"],
    ]);
    expect(plan([two], { selection: [{ workload: id, container: "x" }] })[0]).toMatchObject({
      status: "absent",
      reason: "not_in_target",
    });
    expect(plan([two], { selection: [] })).toEqual([]);
  });

  test("what is not there may stand in a file that cannot be read, and that is told", () => {
    const problems = [{ file: "web.yaml", line: 4, message: "duplicated mapping key" }];
    const item = one(plan([], { selection: [{ workload: "shop:deployment/web" }], problems }));
    expect(item).toMatchObject({ status: "absent", reason: "file_broken" });
    expect(item.text).toContain("web.yaml line 4: duplicated mapping key");
  });
});
