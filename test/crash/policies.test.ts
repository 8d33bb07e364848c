import { afterEach, expect, test } from "vitest";
import type { SluiceEvent } from "../../src/model/event.ts";
import type { PolicyChange } from "../../src/model/policy.ts";
import { until } from "../support/until.ts";
import { startWorld, type World } from "../support/world.ts";
import { Served } from "./served.ts";

let world: World | undefined;
let served: Served | undefined;
afterEach(async () => {
  await served?.stop();
  await world?.stop();
});

const points = [
  "before policy writing",
  "after policy writing",
  "commit made",
  "commit pushed",
  "before policy succeeded",
  "after policy succeeded",
];

test.each(points)(
  "killed at '%s', the server goes on after a restart: a policy change ends with exactly one commit",
  async (point) => {
    world = await startWorld({
      environments: ["dev"],
      workloads: { web: { web: "1.0.0" }, api: { api: "1.0.0" } },
      images: { web: ["1.0.0"], api: ["1.0.0"] },
      server: false,
    });
    served = new Served(world, point);
    const first = await served.start();
    const add = { locked: "true", locked_user: "ana", locked_msg: "audit" };
    // The server dies before it can answer, or just after: what was asked is done in either case.
    const asked = world
      .call("POST", "/policy-changes", {
        target: "dev",
        updates: [
          { workload: "web", add },
          { workload: "shop:deployment/gone", add },
          { workload: "api", remove: ["locked"] },
        ],
        message: "until Friday",
      })
      .catch(() => {});
    await served.killed(first);
    await asked;
    await served.start();
    const { items } = await until(
      "the change ended",
      async () => {
        const list = await world!.call<{ items: PolicyChange[] }>("GET", "/policy-changes");
        return list.items.every((item) => "end" in item.state) && list;
      },
      12_000,
    );
    expect(items).toHaveLength(1);
    const change = items[0]!;
    expect(change.state).toMatchObject({
      end: "succeeded",
      outcomes: [{ status: "success" }, { status: "failed" }, { status: "skipped" }],
    });
    const messages = world.messages();
    expect(messages).toHaveLength(2);
    expect(messages[0]).toContain(`Sluice-Change: ${change.id}\n`);
    expect(world.file("clusters/dev/web.yaml")).toContain("fluxcd.io/locked");
    const events = (await world.call<{ events: SluiceEvent[] }>("GET", "/events?limit=100")).events;
    expect(events.filter(({ type }) => type === "policy.locked")).toMatchObject([
      { workload: "shop:deployment/web", text: "Locked web in dev: audit" },
    ]);
  },
);
