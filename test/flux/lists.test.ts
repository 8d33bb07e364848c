import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { FluxImages, FluxWorkload } from "../../src/model/flux.ts";
import { startPlain } from "../support/plain.ts";
import { temporaryFolder } from "../support/repository.ts";
import { Fluxctl } from "./fluxctl.ts";
import { type FluxShop, startFluxShop } from "./shop.ts";

let shop: FluxShop;
const keys = temporaryFolder();
const key = join(keys.path, "sluice");
beforeAll(async () => {
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-C", "sluice", "-N", "", "-f", key]);
  process.env.SLUICE_GIT_SIGNING_KEY = key;
  shop = await startFluxShop();
});
afterAll(async () => {
  delete process.env.SLUICE_GIT_SIGNING_KEY;
  await shop?.stop();
  keys.remove();
});

/** Lines as fluxctl prints them: columns are padded to their widest cell, two blanks apart. */
const workloads = `\
WORKLOAD                       CONTAINER    IMAGE                                             RELEASE  POLICY
shop:cronjob/orders-report     report       registry.shop.example/shop/orders:2.4.1           ready    
shop:daemonset/log-collector   collector    registry.shop.example/platform/log-shipper:1.4.0  ready    
shop:deployment/cart           cart         registry.shop.example/shop/cart:main-42           ready    
shop:deployment/catalogue      catalogue    registry.shop.example/shop/catalogue:1.8.1        ready    
                               log-shipper  registry.shop.example/platform/log-shipper:1.4.0           
shop:deployment/frontend       frontend     registry.shop.example/shop/frontend:3.2.1         ready    
                               log-shipper  registry.shop.example/platform/log-shipper:1.4.0           
shop:deployment/orders         migrate      registry.shop.example/shop/orders:2.4.1           ready    
                               orders       registry.shop.example/shop/orders:2.4.1                    
shop:deployment/orders-worker  worker       registry.shop.example/shop/orders:2.4.1           ready    
shop:deployment/payment        payment      registry.shop.example/shop/payment:2.4.3          ready    locked
shop:deployment/search         search       registry.shop.example/shop/search:0.9.3           ready    
shop:statefulset/cart-cache    redis        redis:7.2.5-alpine                                ready    
shop:statefulset/database      postgres     postgres:16.4                                     ready    
`;

test("fluxctl lists every workload of an environment, with image, state and policy", async () => {
  const all = await shop.fluxctl("prod-eu", "list-workloads", "--all-namespaces");
  expect(all).toEqual({ code: 0, stdout: workloads, stderr: "" });
  expect((await shop.fluxctl("prod-eu", "list-workloads")).stdout).toBe(workloads);
  expect((await shop.fluxctl("prod-eu", "list-controllers", "-n", "shop")).stdout).toBe(workloads);
  expect((await shop.fluxctl("prod-eu", "list-workloads", "-n", "elsewhere")).stdout).toBe(
    "WORKLOAD  CONTAINER  IMAGE  RELEASE  POLICY\n",
  );
  const picked = await shop.fluxctl("prod-eu", "list-workloads", "-c", "redis", "--no-headers");
  expect(picked.stdout).toBe("shop:statefulset/cart-cache  redis  redis:7.2.5-alpine  ready  \n");
});

test("fluxctl decodes every field it is sent and prints it as JSON again", async () => {
  const { stdout } = await shop.fluxctl("prod-eu", "list-workloads", "-o", "json");
  const payment = (JSON.parse(stdout) as FluxWorkload[]).find(({ ID }) => ID === "shop:deployment/payment");
  expect(payment).toMatchObject({
    ReadOnly: "",
    Status: "ready",
    Rollout: { Desired: 2, Updated: 2, Ready: 2, Available: 2, Outdated: 0, Messages: null },
    Locked: true,
    Automated: false,
    Ignore: false,
    Policies: {
      locked: "true",
      locked_user: "Ben Okafor",
      locked_msg: "the yearly audit of payments runs until Friday",
      "tag.payment": "semver:~2.4",
    },
  });
  const labelled = (JSON.parse(stdout) as FluxWorkload[]).find(({ ID }) => ID === "shop:deployment/catalogue");
  expect(labelled?.Labels).toEqual({ app: "catalogue", tier: "backend" });
  const images = await shop.fluxctl("prod-eu", "list-images", "-w", "deployment/catalogue", "-o", "json");
  const [catalogue] = JSON.parse(images.stdout) as [FluxImages];
  expect(catalogue.Containers?.[0]).toMatchObject({
    Name: "catalogue",
    Current: { ID: "registry.shop.example/shop/catalogue:1.8.1" },
    LatestFiltered: { ID: "registry.shop.example/shop/catalogue:1.8.2" },
    NewAvailableImagesCount: 1,
    NewFilteredImagesCount: 1,
  });
});

test("fluxctl lists images newest first, marks the one that runs, and says how many a limit leaves out", async () => {
  const limited = await shop.fluxctl("prod-eu", "list-images", "-w", "deployment/catalogue", "-l", "1");
  expect(limited.stdout.replaceAll(/\d\d \w{3} \d\d \d\d:\d\d UTC/g, "DATE")).toBe(`\
WORKLOAD                   CONTAINER    IMAGE                                       CREATED
shop:deployment/catalogue  catalogue    registry.shop.example/shop/catalogue        
                                        |   1.8.2                                   DATE
                                        '-> 1.8.1                                   DATE
                           log-shipper  registry.shop.example/platform/log-shipper  
                                        '-> 1.4.0                                   DATE
`);
  const all = await shop.fluxctl("prod-eu", "list-images", "-l", "0", "--no-headers");
  expect(all.code).toBe(0);
  expect(all.stdout.split("\n")[0]).toMatch(
    /^shop:cronjob\/orders-report +report +registry\.shop\.example\/shop\/orders +$/,
  );
  expect(all.stdout).not.toMatch(/\?|not available/);
});

test("sluice prints the tables that fluxctl prints, byte for byte", async () => {
  for (const line of [
    "list-workloads -n shop",
    "list-workloads -a --no-headers -c catalogue",
    "list-images -n shop -l 2",
    "list-images -w shop:deployment/cart -l 0",
    "list-images -n shop --no-headers",
    "release --all --update-all-images --dry-run -v",
  ]) {
    const words = line.split(" ");
    const theirs = await shop.fluxctl("prod-eu", ...words);
    const ours = await shop.sluice(...words, "--environment", "prod-eu");
    expect(ours.stderr === "" || ours.stderr === theirs.stderr, ours.stderr).toBe(true);
    expect({ line, stdout: ours.stdout, code: ours.code }).toEqual({ line, stdout: theirs.stdout, code: theirs.code });
  }
  const json = ["list-workloads", "-n", "shop", "-o", "json"];
  const theirs = await shop.fluxctl("prod-eu", ...json);
  const ours = await shop.sluice(...json, "--environment", "prod-eu");
  expect(JSON.parse(ours.stdout)).toEqual(JSON.parse(theirs.stdout));
});

test("fluxctl saves what runs in a cluster, to the screen and to files", async () => {
  const screen = await shop.fluxctl("dev", "save");
  expect(screen).toMatchObject({ code: 0, stderr: "" });
  expect(screen.stdout).toMatch(/^---\napiVersion: v1\nkind: Namespace\n/);
  expect(screen.stdout).toContain("kind: CronJob");
  expect(screen.stdout).not.toMatch(/kind: Secret|managedFields|uid:/);
  const files = await shop.fluxctl("dev", "save", "-o", shop.folder);
  expect(files.stdout + files.stderr).toContain("Saving Deployment 'payment' to");
  expect(readFileSync(join(shop.folder, "shop/payment-dep.yaml"), "utf8")).toContain("shop/payment:2.4.3");
  expect(readdirSync(join(shop.folder, "shop"))).toContain("orders-report-CronJob.yaml");
});

test("fluxctl syncs and names the commit, and tells who the server is to Git", async () => {
  const { commit } = shop.newest();
  const sync = await shop.fluxctl("dev", "sync");
  expect(sync).toMatchObject({ code: 0, stdout: "" });
  expect(sync.stderr).toMatch(/^Synchronizing with http:\/\/127\.0\.0\.1:\d+\/trial\/config\.git\n/);
  expect(sync.stderr).toContain(
    `Revision of main to apply is ${commit.slice(0, 7)}\nWaiting for ${commit.slice(0, 7)} to be applied ...\nDone.\n`,
  );
  expect((await shop.fluxctl("dev", "identity")).stdout).toBe(readFileSync(`${key}.pub`, "utf8"));
  const shown = execFileSync("ssh-keygen", ["-l", "-v", "-E", "md5", "-f", key], { encoding: "utf8" });
  const seen = await shop.fluxctl("dev", "identity", "-l", "-v");
  expect(seen.stdout).toBe(shown.replace(/^\d+ MD5:(\S+) .*\n/, "$1\n"));
  const again = await shop.fluxctl("dev", "identity", "-r");
  expect(again.code).toBe(1);
  expect(again.stderr).toMatch(/^== Error ==\n\nSluice does not make SSH keys\.\n\nMake one with ssh-keygen/);
});

test("a wrong environment, and a token that is missing or wrong, are told with what to do", async () => {
  const nowhere = await shop.fluxctl("nowhere", "list-workloads");
  expect(nowhere.code).toBe(1);
  expect(nowhere.stderr).toMatch(
    /^== Error ==\n\nThere is no environment "nowhere"\.\n\nThere are dev, .*\. Give fluxctl the address of one/,
  );
  const plain = await startPlain();
  const home = temporaryFolder();
  try {
    const fluxctl = new Fluxctl(plain.url, home.path, { name: "Ada", email: "ada@example.org" });
    const list = [...fluxctl.at("dev"), "list-workloads", "-a"];
    const without = await fluxctl.run(list);
    expect(without.code).toBe(1);
    expect(without.stderr).toMatch(/== Error ==\n\nThis call needs a token\.\n\nGive fluxctl one: --token/);
    const wrong = await fluxctl.run([...list, "--token", "sluice_p_wrong"]);
    expect(wrong.stderr).toContain("This token is not known here.");
    // Past the door; there is only no such environment.
    const right = await fluxctl.run(list, { FLUX_SERVICE_TOKEN: plain.person });
    expect(right.stderr).toContain('There is no environment "dev".');
  } finally {
    await plain.stop();
    home.remove();
  }
});

test("every line of the guide does what it says against the trial", async () => {
  const guide = readFileSync(join(import.meta.dirname, "../../docs/guides/flux.md"), "utf8");
  const lines = guide.split("\n").filter((line) => line.startsWith("fluxctl "));
  expect(lines.length).toBeGreaterThan(10);
  for (const line of lines) {
    const words = [...line.slice("fluxctl ".length).matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)];
    const args = words.map(([word]) => word.replaceAll(/["']/g, ""));
    const { code, stderr } = await shop.fluxctl("prod-us", ...args);
    expect({ line, code, stderr: stderr.includes("Error") ? stderr : "" }).toEqual({ line, code: 0, stderr: "" });
  }
  const { author, message, signed } = shop.newest();
  expect(author).toBe("Ada <ada@example.org>");
  expect(signed).toBe(true);
  expect(message).toMatch(/^Updated policies: shop:deployment\/orders\n/);
  expect(shop.file("clusters/prod-us/catalogue.yaml")).toContain("shop/catalogue:1.8.2");
});
