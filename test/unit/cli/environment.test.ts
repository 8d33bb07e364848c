import { afterAll, beforeAll, expect, test } from "vitest";
import { git } from "../../support/repository.ts";
import { until } from "../../support/until.ts";
import { runSluice } from "./process.ts";
import { startWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 60_000);
afterAll(() => world?.stop(), 30_000);

const run = (...args: string[]) =>
  runSluice(args, { SLUICE_SERVER: world.url, SLUICE_USER: "Ada <ada@example.org>", TERM: "dumb" });
const lastCommit = (path: string) => git(world.bare, "log", "-1", "--format=%an%n%B", "main", "--", path);
const catalogue = "shop:deployment/catalogue";
const image = (tag: string) => `registry.shop.example/shop/catalogue:${tag}`;

test("one environment is listed and released to as fluxctl does it, with the person and the reason in the commit", async () => {
  expect((await run("list-workloads", "-e", "prod-us")).stdout).toBe(
    [
      "WORKLOAD                   CONTAINER  IMAGE                                       RELEASE  POLICY",
      "shop:deployment/catalogue  catalogue  registry.shop.example/shop/catalogue:1.0.0  ready    ",
      "shop:deployment/orders     orders     registry.shop.example/shop/orders:1.0.0     ready    locked",
      "",
    ].join("\n"),
  );
  await world.push("catalogue", "1.1.0");
  const images = await until("the new image", async () => {
    const { stdout } = await run("list-images", "-e", "prod-eu", "-w", "catalogue", "--no-headers");
    return stdout.includes("1.1.0") && stdout;
  });
  expect(images).toMatch(
    /^shop:deployment\/catalogue {2}catalogue {2}\S+catalogue {2}\n +\| {3}1\.1\.0 .* UTC\n +'-> 1\.0\.0 /,
  );

  const asked = ["release", "catalogue", "-e", "prod-eu", "--update-all-images"];
  const dry = await run(...asked, "--dry-run");
  const table = `WORKLOAD                   STATUS   UPDATES\n${catalogue}  success  catalogue: ${image("1.0.0")} -> 1.1.0\n`;
  expect(dry).toMatchObject({ code: 0, stdout: table });
  const released = await run(...asked, "--watch", "-m", "fixes the basket");
  expect(released).toMatchObject({ code: 0 });
  expect(released.stdout.startsWith(table)).toBe(true);
  expect(released.stderr).toMatch(/All workloads ready\.\n$/);
  const commit = lastCommit("clusters/prod-eu");
  expect(commit).toMatch(/^Ada/);
  expect(commit).toContain("fixes the basket");
  expect(await run(...asked)).toMatchObject({ code: 0, stdout: "WORKLOAD   STATUS   UPDATES\n" });
}, 60_000);

test("a lock of a stage is a commit in each of its environments, and refuses what is named until it is forced", async () => {
  const locked = await run("lock", "catalogue", "--to", "prod", "-m", "audit");
  expect(locked).toMatchObject({ code: 0 });
  expect(locked.stdout).toMatch(/^prod-eu +shop:deployment\/catalogue +success\nprod-us +/m);
  for (const environment of ["prod-eu", "prod-us"])
    expect(git(world.bare, "show", `main:clusters/${environment}/catalogue.yaml`)).toMatch(
      /fluxcd\.io\/locked: "?true/,
    );
  expect(lastCommit("clusters/prod-us/catalogue.yaml")).toContain("audit");

  const back = ["release", "catalogue", "-e", "prod-us", "--update-image", image("1.1.0")];
  const refused = await run(...back, "-v");
  expect(refused).toMatchObject({ code: 3 });
  expect(refused.stdout).toMatch(/skipped +locked/);
  expect(refused.stderr).toMatch(/sluice: .*audit/);
  expect(await run(...back, "--force", "-m", "the audit allows it")).toMatchObject({ code: 0 });
  expect(await run("unlock", "-w", "catalogue", "-e", "prod-us")).toMatchObject({ code: 0 });
}, 60_000);

test("a filter with equals signs is written, a bad one is refused, and sync tells when Git is applied", async () => {
  const filter = ["policy", "-e", "dev", "-w", "catalogue", "--tag"];
  const written = await run(...filter, "catalogue=semver:>=1.0");
  expect(written).toMatchObject({
    code: 0,
    stdout: `WORKLOAD                   STATUS   UPDATES\n${catalogue}  success  \n`,
  });
  expect(git(world.bare, "show", "main:clusters/dev/catalogue.yaml")).toContain("semver:>=1.0");
  const bad = await run(...filter, "catalogue=semver:nope");
  expect(bad.code).toBe(1);
  expect(bad.stderr).toContain('invalid tag pattern: "semver:nope"');
  const synced = await run("sync", "-e", "dev");
  expect(synced).toMatchObject({ code: 0 });
  expect(synced.stderr).toMatch(/Revision of main to apply is [0-9a-f]{7}\n.*\nDone\.\n$/);
}, 60_000);
