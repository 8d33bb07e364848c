import fc from "fast-check";
import { expect, test } from "vitest";
import type { CatalogueImage, CatalogueRepository } from "../model/catalogue.ts";
import { imageName, parseImage, versionOf } from "../model/image.ts";
import type { Hold } from "../model/release.ts";
import type { Workload } from "../model/workload.ts";
import { fromRegistry } from "./candidates.ts";
import { compareVersions } from "./order.ts";
import { makePlan, type PlanInput } from "./plan.ts";
import { isHeld } from "./rules.ts";

const cart = "docker.io/shop/cart";
const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;

function image(tag: string, letter: string, createdAt?: number): CatalogueImage {
  const time = createdAt === undefined ? {} : { createdAt };
  return { name: cart, tag, digest: digest(letter), seenAt: 0, labels: {}, ...time };
}
function repository(...images: CatalogueImage[]): CatalogueRepository {
  return { name: cart, images, badTags: {}, scannedAt: 1 };
}

const tags = ["1", "1.1", "2", "main", "abc", "latest"];
const aRepository = fc
  .uniqueArray(
    fc.tuple(fc.constantFrom(...tags), fc.constantFrom("a", "b", "c", "d"), fc.option(fc.nat(4), { nil: undefined })),
    {
      selector: ([tag]) => tag,
    },
  )
  .chain((entries) =>
    fc.constantFrom(undefined, { since: 0, had: 40, has: entries.length }).map((suspect) => ({
      ...repository(...entries.map(([tag, letter, at]) => image(tag, letter, at))),
      ...(suspect === undefined ? {} : { suspect }),
    })),
  );
const reference = fc.oneof(
  fc.constantFrom(...tags).map((tag) => `shop/cart:${tag}`),
  fc
    .tuple(fc.constantFrom(...tags), fc.constantFrom("a", "b", "e"))
    .map(([tag, letter]) => `shop/cart:${tag}@${digest(letter)}`),
  fc.constantFrom("shop/cart", "other/cart:1", "Not/An:image"),
);
const policy = fc.record({
  automated: fc.boolean(),
  ignored: fc.boolean(),
  locked: fc.option(fc.constant({}), { nil: undefined }),
  tags: fc.constantFrom({}, { c: "semver:*" }, { c: "glob:1*" }, { c: "semver:?" }),
});
const aWorkload = fc.tuple(fc.constantFrom("a", "b", "c"), reference, policy).map(
  ([name, written, rules]): Workload => ({
    id: `shop:deployment/${name}`,
    apiVersion: "apps/v1",
    kind: "Deployment",
    namespace: "shop",
    name,
    file: "shop/cart.yaml",
    line: 3,
    containers: [{ container: "c", init: false, image: written }],
    policy: {
      automated: rules.automated,
      ignored: rules.ignored,
      tags: rules.tags as Record<string, string>,
      written: {},
      ...(rules.locked === undefined ? {} : { locked: rules.locked }),
    },
  }),
);
const aHold = fc
  .tuple(
    fc.constantFrom("a", "b"),
    fc.oneof(
      fc.constant("*" as const),
      fc.constantFrom(...tags).map((tag) => ({ tag })),
    ),
  )
  .map(([name, what]): Hold => {
    const told = { reason: "it lost orders", commit: "x", at: 2, by: "Ana" };
    return { environment: "prod", workload: `shop:deployment/${name}`, container: "c", what, ...told };
  });

test("whatever the facts, automation never goes back, never moves what is locked, filtered, ignored or held, and decides once for each", () => {
  const workloads = fc.uniqueArray(aWorkload, { selector: (entry) => entry.id });
  fc.assert(
    fc.property(workloads, aRepository, fc.array(aHold), fc.boolean(), (all, known, holds, fromStage) => {
      const candidate: PlanInput["candidate"] = (entry, slot) =>
        fromStage
          ? { found: true, version: { tag: "1.1", digest: digest("b") }, verified: true, name: cart }
          : fromRegistry(entry, slot, imageName(parseImage(slot.image)!) === cart ? known : undefined);
      const { items } = makePlan({
        environment: "prod",
        commit: "c",
        source: fromStage ? { kind: "stage", pipeline: "shop", stage: "dev" } : { kind: "registry" },
        force: true,
        workloads: all,
        candidate,
        repository: (name) => (name === cart ? known : undefined),
        holds,
        underWay: new Map(),
        automatic: true,
      });
      expect(items.map((item) => item.workload)).toEqual(all.map((entry) => entry.id));
      for (const item of items) {
        const from = all.find((entry) => entry.id === item.workload)!;
        if (item.status !== "change") {
          expect(item.reason).toBeDefined();
          expect(item.text).toBeTruthy();
          continue;
        }
        expect(from.policy.locked).toBeUndefined();
        expect(from.policy.ignored).toBe(false);
        expect(item).not.toHaveProperty("forced");
        if (!fromStage) expect(known.suspect).toBeUndefined();
        expect(["newer", "same"]).toContain(compareVersions(item.toVersion!, item.fromVersion!, known));
        expect(holds.some((entry) => entry.workload === from.id && isHeld(entry, item.toVersion!, known))).toBe(false);
        const filter = from.policy.tags.c;
        if (filter === "glob:1*") expect(item.toVersion!.tag).toMatch(/^1/);
        expect(filter).not.toBe("semver:?");
        const written = parseImage(item.to!)!;
        expect(written.writtenName).toBe(parseImage(item.from!)!.writtenName);
        expect(versionOf(written).tag).toBe(item.toVersion!.tag);
        expect(item.to).not.toBe(item.from);
      }
    }),
    { numRuns: 1_000 },
  );
});
