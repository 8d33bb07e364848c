import { type ChildProcess, spawn } from "node:child_process";
import { type EventEmitter, once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, expect, test } from "vitest";
import { until } from "../support/until.ts";
import { startWorld, type World } from "../support/world.ts";

let world: World | undefined;
const children = new Set<ChildProcess>();
afterEach(async () => {
  for (const child of children) await end(child);
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

async function serve(at: string, killed: string): Promise<ChildProcess> {
  const options = { data: world!.data, port: world!.port, configuration: world!.configuration, at, once: killed };
  const child = spawn(process.execPath, [join(import.meta.dirname, "serve.ts"), JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: { ...process.env, SLUICE_LOG: "warn" },
  });
  children.add(child);
  child.once("exit", () => children.delete(child));
  const errors: string[] = [];
  child.stderr!.on("data", (chunk: Buffer) => errors.push(String(chunk)));
  const url = await Promise.race([
    once(createInterface({ input: child.stdout! }) as EventEmitter, "line"),
    once(child as EventEmitter, "exit").then(() => undefined),
  ]);
  if (url === undefined && !existsSync(killed)) throw new Error(`the server did not start: ${errors.join("")}`);
  return child;
}
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  await gone;
}

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
    const killed = join(world.folder, "killed");
    const first = await serve(point, killed);
    void world.agent.connect();
    await until("the end of the process", () => first.signalCode === "SIGKILL");
    await serve(point, killed);
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
