import { afterEach, expect, test } from "vitest";
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
  "before gated",
  "before writing",
  "after writing",
  "commit made",
  "commit pushed",
  "before pushed",
  "after pushed",
  "before succeeded",
];

test.each(points)(
  "killed at '%s', the server goes on after a restart: the release ends with exactly one commit",
  async (point) => {
    world = await startWorld({
      environments: ["dev"],
      stages: "[{ name: dev, environments: [dev], from: [{ registry: {} }], promote: automatic }]",
      workloads: { web: { web: "1.0.0", side: "1.0.0" } },
      images: { web: ["1.0.0", "1.1.0"], side: ["1.0.0"] },
      server: false,
    });
    served = new Served(world, point);
    const first = await served.start();
    void world.agent.connect();
    await served.killed(first);
    await served.start();
    // Sooner than the lease of the server that was killed would end by itself: nobody has to wait for it.
    const ended = await until(
      "every release to end",
      async () => {
        const { items } = await world!.call<{ items: { promotion: { id: string; endedAt?: number } }[] }>(
          "GET",
          "/promotions",
        );
        return items.length > 0 && items.every((item) => item.promotion.endedAt !== undefined) && items;
      },
      12_000,
    );
    expect(ended).toHaveLength(1);
    const view = await world.promotion(ended[0]!.promotion.id);
    expect(view.promotion.state).toBe("succeeded");
    expect(
      view.releases[0]!.changes.map(({ container, outcome, from, to }) => [container, outcome.kind, from.tag, to.tag]),
    ).toEqual([["web", "verified", "1.0.0", "1.1.0"]]);
    const messages = world.messages();
    expect(messages.filter((text) => text.includes(`Sluice-Release: ${view.releases[0]!.id}`))).toHaveLength(1);
    expect(messages).toHaveLength(2);
    expect(world.file("clusters/dev/web.yaml")).toContain("web:1.1.0");
    const steps = view.events.filter((event) => event.type === "release.pushed");
    expect(steps).toHaveLength(1);
  },
);
