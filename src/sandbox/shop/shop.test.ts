import { expect, test } from "vitest";
import { readManifests } from "../../manifests/read.ts";
import { workloadOf } from "../../manifests/workloads.ts";
import { imageName, parseImage } from "../../model/image.ts";
import { parseFilter } from "../../policies/filter.ts";
import { environmentNames } from "../world/seed.ts";
import { readShopWorld } from "./shop.ts";

async function workloadsOf(environment: string) {
  const seed = await readShopWorld();
  return Object.entries(seed.environments[environment]!).flatMap(([path, text]) => {
    const result = readManifests(text);
    if (!result.ok) throw new Error(`${path}: ${result.problem.message}`);
    return result.file.objects.map((entry) => workloadOf(entry, path)).filter((found) => found !== undefined);
  });
}

test("the sample shop holds the kinds and shapes of workloads people have", async () => {
  const dev = await workloadsOf("dev");
  expect(dev.map((workload) => workload.id).sort()).toEqual([
    "shop:cronjob/orders-report",
    "shop:daemonset/log-collector",
    "shop:deployment/cart",
    "shop:deployment/catalogue",
    "shop:deployment/frontend",
    "shop:deployment/orders",
    "shop:deployment/orders-worker",
    "shop:deployment/payment",
    "shop:deployment/search",
    "shop:statefulset/cart-cache",
    "shop:statefulset/database",
  ]);
  expect(dev.some((workload) => workload.containers.some((slot) => slot.init))).toBe(true);
});

test("in prod one workload is locked, with who locked it and why", async () => {
  const locked = (await workloadsOf("prod-us")).filter((workload) => workload.policy.locked !== undefined);
  expect(locked.map((workload) => [workload.name, workload.policy.locked])).toEqual([
    ["payment", { by: "Ben Okafor", message: "the yearly audit of payments runs until Friday" }],
  ]);
});

test("automation finds nothing to do at the start: every environment but prod runs the newest image it may", async () => {
  const { services } = await readShopWorld();
  const older: string[] = [];
  for (const environment of environmentNames)
    for (const workload of await workloadsOf(environment))
      for (const slot of workload.containers) {
        const ref = parseImage(slot.image)!;
        const service = services.find((entry) => entry.path === ref.path);
        const result = parseFilter(workload.policy.tags[slot.container] ?? "glob:*");
        if (service === undefined || !result.ok) throw new Error(`${slot.image} is not in the sample's registry`);
        const images = service.builds.map(({ tag, hoursAgo }) => ({
          name: imageName(ref),
          tag,
          digest: tag,
          labels: {},
          seenAt: 0,
          createdAt: -hoursAgo,
        }));
        const allowed = images.filter((image) => result.filter.allows(image.tag)).sort(result.filter.compare);
        expect(images.map((image) => image.tag)).toContain(ref.tag);
        if (allowed[0]?.tag !== ref.tag) older.push(`${environment} ${workload.name} ${ref.tag} < ${allowed[0]?.tag}`);
      }
  expect(older).toEqual(["prod-eu catalogue 1.8.1 < 1.8.2", "prod-us catalogue 1.8.1 < 1.8.2"]);
});
