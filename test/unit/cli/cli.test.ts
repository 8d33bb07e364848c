import { afterAll, beforeAll, expect, test } from "vitest";
import type { MatrixView, PromotionView } from "../../../src/model/views.ts";
import { git } from "../../support/repository.ts";
import { until } from "../../support/until.ts";
import { runSluice } from "./process.ts";
import { startWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 60_000);
afterAll(() => world?.stop(), 30_000);

const run = (...args: string[]) => runSluice(args, { SLUICE_SERVER: world.url, SLUICE_USER: "ana", TERM: "dumb" });
async function json<T>(...args: string[]): Promise<T> {
  const { stdout, stderr, code } = await run(...args, "-o", "json");
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return JSON.parse(stdout) as T;
}
async function ready(service: string, tag: string): Promise<void> {
  await world.push(service, tag);
  await until(`${service} ${tag} to be offered to prod`, async () => {
    const { stdout } = await run("why", `prod/${service}`);
    return stdout.includes(`could be ${tag}`) && stdout.includes("waits for a person");
  });
}

test("a new image is seen in dev, waits for a person before prod, and is promoted while one watches", async () => {
  await ready("catalogue", "1.1.0");
  const why = await run("why", "prod/catalogue");
  expect(why.stdout).toMatch(/^prod-eu, prod-us {2}shop:deployment\/catalogue {2}1\.0\.0, could be 1\.1\.0$/m);
  expect(why.stdout).toContain("sluice promote catalogue --to prod");
  expect((await run("list-workloads")).stdout).toMatch(/catalogue +1\.1\.0 ✓ healthy +1\.0\.0 ✓ healthy \^1\.1\.0/);
  expect((await run("list-images", "-wcatalogue")).stdout).toMatch(
    /'-> 1\.1\.0 .* dev\n.*'-> 1\.0\.0 .* prod-eu, prod-us/,
  );
  expect((await run("pipelines")).stdout).toMatch(/prod +prod-eu, then prod-us +dev +by hand +1 waiting/);

  const dry = await run("promote", "catalogue", "--to", "prod", "--dry-run");
  expect(dry).toMatchObject({ code: 0, stderr: "" });
  expect(dry.stdout).toMatch(/shop:deployment\/catalogue +catalogue +prod-eu, prod-us +1\.0\.0 +1\.1\.0/);

  const unasked = await run("promote", "catalogue", "--to", "prod");
  expect(unasked.code).toBe(2);
  expect(unasked.stderr).toContain("Add --yes");

  const promoted = await run("promote", "catalogue", "--to", "prod", "--yes", "--watch", "-m", "go out");
  expect(promoted.code).toBe(0);
  expect(promoted.stdout).toMatch(/prod-us {2}queued {2}waits for prod-eu/);
  expect(promoted.stdout).toMatch(/r-\w+ {2}dev -> prod {2}succeeded {2}by ana/);

  const again = await run("promote", "catalogue", "--to", "prod", "--yes");
  expect(again.code).toBe(0);
  expect(again.stdout).toContain("Nothing to do: prod has these versions already");
  expect(git(world.bare, "log", "-1", "--format=%B", "main", "--", "clusters/prod-us")).toContain("Sluice-Author: ana");
}, 60_000);

test("a bad image fails with its evidence and exit 1, and a rollback brings the old one back", async () => {
  await world.push("orders", "1.1.0-broken");
  const id = await until("the failed release", async () => {
    const { items } = await json<{ items: { promotion: PromotionView["promotion"] }[] }>("releases");
    return items.find(({ promotion }) => promotion.state === "failed")?.promotion.id;
  });
  const watched = await run("releases", id, "--watch");
  expect(watched.code).toBe(1);
  expect(watched.stdout).toContain("ErrImagePull: manifest unknown");

  const back = await run("rollback", id, "--wait", "--timeout", "30s", "-m", "cannot pull");
  expect(back.code).toBe(0);
  expect(back.stdout).toContain(`takes back ${id}`);
  const matrix = await json<MatrixView>("list-workloads");
  const orders = matrix.rows.find((row) => row.name === "orders");
  expect(orders?.cells.dev?.containers[0]?.version.tag).toBe("1.0.0");
}, 60_000);

test("a rule in the way ends with 3, an unknown name with 1, and the words of the server stand on stderr", async () => {
  const refused = await run("release", "orders", "--to", "prod-us", "--image", "1.1.0-broken", "--yes");
  expect(refused.code).toBe(3);
  expect(refused.stdout).toMatch(/orders +prod-us +1\.0\.0 +- +stays: locked by ana/);
  const unknown = await run("promote", "nothing", "--to", "prod", "--yes");
  expect(unknown).toMatchObject({ code: 1, stdout: "" });
  expect(unknown.stderr).toMatch(/^sluice: there is no workload "nothing" in prod\n/);
});

test("names and JSON are for scripts: names alone, and the API's answer itself", async () => {
  const names = await run("list-workloads", "-o", "name");
  expect(names.stdout).toBe("shop:deployment/catalogue\nshop:deployment/orders\n");
  const asked = (await (await fetch(`${world.url}/api/v1/pipelines`)).json()) as object;
  expect(Object.keys(await json<object>("pipelines"))).toEqual(Object.keys(asked));
  const yaml = await run("pipelines", "-oyaml");
  expect(yaml.stdout).toMatch(/^pipelines:\n {2}- name: shop\n/);
});

test("events are told oldest first", async () => {
  const { events } = await json<{ events: { seq: number; text: string }[] }>("events", "-l", "3");
  const table = await run("events", "-l", "3");
  const lines = table.stdout.trim().split("\n");
  expect(lines).toHaveLength(3);
  expect(lines[2]).toContain(events[0]!.text);
  const nowhere = await run("events", "-e", "nowhere");
  expect(nowhere).toMatchObject({ code: 1, stdout: "" });
  expect(nowhere.stderr).toContain('There is no environment "nowhere".\n  There are dev, prod-eu, prod-us.');
});

test("--wait ends with 4 when the time is over, says why it still waits, and leaves the release alone", async () => {
  await world.stopAgent();
  await until("the agent to be away", async () =>
    (await run("list-workloads")).stderr.includes("dev: the agent is away"),
  );
  const waited = await run(
    "release",
    "catalogue",
    "--to",
    "dev",
    "--image",
    "1.0.0",
    "--yes",
    "--wait",
    "--timeout",
    "2s",
  );
  expect(waited.code).toBe(4);
  expect(waited.stderr).toMatch(/r-\w+ goes on without you watching\. Look again: sluice releases r-\w+ --watch/);
  const id = /^(r-\w+)/m.exec(waited.stdout)?.[1] ?? "";
  expect((await run("releases", id)).stdout).toContain("the agent of dev is away");
}, 60_000);
