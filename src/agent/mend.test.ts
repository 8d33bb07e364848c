import { afterEach, expect, test } from "vitest";
import { until } from "../../test/support/until.ts";
import type { KubeObject } from "../model/kubernetes.ts";
import { systemClock } from "../model/ports/clock.ts";
import type { KubernetesClient } from "../model/ports/kubernetes.ts";
import { silentLog } from "../model/ports/log.ts";
import { Applier } from "./apply.ts";
import type { Desired } from "./desired.ts";
import type { Live } from "./live.ts";
import { Drift } from "./mend.ts";

const config = (value: string): KubeObject =>
  ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "web", namespace: "shop" },
    data: { value },
  }) as KubeObject;
const desired: Desired = {
  key: "web",
  object: config("new"),
  file: "web.yaml",
  line: 1,
  hash: "h",
  rank: 3,
  markers: [],
};

let drift: Drift;
afterEach(() => drift.stop());

/** A watch that has told one thing, and a cluster that has another by now; counts how often the cluster is asked. */
function start(told: KubeObject | undefined, really: KubeObject | undefined): { asked: number } {
  const seen = { asked: 0 };
  const live = { knows: () => true, get: () => told } as unknown as Live;
  const client = {
    async get() {
      seen.asked++;
      return really;
    },
    apply: async (object: KubeObject) => object,
  } as unknown as KubernetesClient;
  drift = new Drift({
    live,
    applier: new Applier(client, live),
    clock: systemClock,
    log: silentLog,
    changed: () => {},
  });
  drift.take(new Map([[desired.key, desired]]));
  return seen;
}

test.each([
  ["has not told of an object that was just made", undefined],
  ["still tells what was there before a commit", config("old")],
])("a watch that %s makes nobody say it was changed by hand", async (_what, told) => {
  const seen = start(told, config("new"));
  await until("the cluster to be asked", () => seen.asked > 0);
  drift.lookSoon(0);
  await until("another look", () => seen.asked > 1);
  expect(drift.differences.size).toBe(0);
});

test("an object that is really gone, or really another, is told", async () => {
  start(undefined, undefined);
  await until("the drift", () => drift.differences.size > 0);
  expect(drift.differences.get("web")).toEqual([{ field: "", git: "present", live: "deleted" }]);
  drift.stop();
  start(config("old"), config("by hand"));
  await until("the drift", () => drift.differences.size > 0);
  expect(drift.differences.get("web")).toEqual([{ field: "data.value", git: "new", live: "by hand" }]);
});
