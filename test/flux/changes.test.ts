import { afterAll, beforeAll, expect, test } from "vitest";
import { build } from "../demo/seen.ts";
import { until } from "../support/until.ts";
import { type FluxShop, startFluxShop } from "./shop.ts";

let shop: FluxShop;
beforeAll(async () => {
  shop = await startFluxShop();
});
afterAll(() => shop?.stop());

const catalogue = "registry.shop.example/shop/catalogue";

test("a dry run shows what would change, with Flux's words for what would not, and changes nothing", async () => {
  const before = shop.newest().commit;
  const plan = await shop.fluxctl("prod-eu", "release", "--all", "--update-all-images", "--dry-run", "-v");
  expect(plan).toMatchObject({ code: 0, stderr: "Submitting dry-run release ...\n" });
  const lines = plan.stdout.split("\n");
  expect(lines[0]).toBe("WORKLOAD                       STATUS   UPDATES");
  expect(lines).toContain(`shop:deployment/catalogue      success  catalogue: ${catalogue}:1.8.1 -> 1.8.2`);
  expect(lines).toContain("shop:deployment/payment        skipped  locked");
  expect(lines).toContain("shop:deployment/search         skipped  image(s) up to date");
  const one = ["release", "--all", `--update-image=${catalogue}:1.8.2`, "--dry-run", "-vv"];
  const image = await shop.fluxctl("prod-eu", ...one, "--exclude=deployment/search");
  expect(image.stdout).toMatch(/shop:deployment\/search +ignored +excluded\n/);
  expect(image.stdout).toMatch(/shop:deployment\/cart +ignored +a different image\n/);
  expect(shop.newest().commit).toBe(before);
});

test("a release is one commit by the person who asked, is applied, and its rollout can be watched", async () => {
  const args = ["release", "--workload=deployment/catalogue", "--update-all-images", "--watch", "-v"];
  const released = await shop.fluxctl("prod-eu", ...args, "--message", "the banner is right again");
  const { author, committer, message, commit } = shop.newest();
  expect(released.code).toBe(0);
  expect(released.stderr).toBe(
    `Submitting release ...\nCommit pushed:\t${commit.slice(0, 7)}\nCommit applied:\t${commit.slice(0, 7)}\nMonitoring rollout ...\nAll workloads ready.\n`,
  );
  expect(released.stdout.split("\n").slice(0, 2)).toEqual([
    "WORKLOAD                   STATUS   UPDATES",
    `shop:deployment/catalogue  success  catalogue: ${catalogue}:1.8.1 -> 1.8.2`,
  ]);
  expect(released.stdout).toMatch(/^WORKLOAD +CONTAINER +IMAGE +RELEASE +REPLICAS$/m);
  expect(released.stdout).toMatch(/ready +3\/3 \(0 outdated, 3 ready\)\n/);
  expect({ author, committer }).toEqual({
    author: "Ada <ada@example.org>",
    committer: expect.stringMatching(/^Sluice </),
  });
  expect(message).toMatch(/^Release catalogue 1\.8\.2 to prod-eu\n\nthe banner is right again\n\nSluice-Release: r-/);
  expect(message).toContain("Sluice-Author: Ada <ada@example.org>");
  expect(shop.file("clusters/prod-eu/catalogue.yaml")).toContain(`${catalogue}:1.8.2`);
});

test("what is up to date already needs no commit", async () => {
  const before = shop.newest().commit;
  const args = ["release", "--workload=deployment/catalogue", "--update-all-images", "-v"];
  const again = await shop.fluxctl("prod-eu", ...args);
  expect(again).toMatchObject({ code: 0, stderr: "Submitting release ...\n" });
  expect(again.stdout).toContain("shop:deployment/catalogue  skipped  image(s) up to date\n");
  expect(shop.newest().commit).toBe(before);
});

test("an interactive release releases what was picked, and nothing when it is left", async () => {
  const before = shop.newest().commit;
  const args = ["release", "--all", "--update-all-images", "--interactive", "--user", "Ben <ben@example.org>"];
  const ready = "to release selected.";
  const enter = { key: "\r", until: "Submitting selected release" };
  const left = await shop.type("prod-us", args, [{ when: ready, key: "q" }]);
  expect(left.stdout).toContain("Aborted.");
  expect(shop.newest().commit).toBe(before);
  const none = await shop.type("prod-us", args, [
    { when: ready, key: " " },
    { when: "◯", ...enter },
  ]);
  expect(none.stdout).toContain("no changes found");
  expect(shop.newest().commit).toBe(before);
  const picked = await shop.type("prod-us", args, [{ when: ready, ...enter }]);
  expect(picked.stdout).toContain(`⇒ ◉ shop:deployment/catalogue  success  catalogue: ${catalogue}:1.8.1 -> 1.8.2`);
  expect(picked.stdout).toMatch(/Submitting selected release \.\.\.[\s\S]*Commit pushed:[\s\S]*Commit applied:/);
  expect(shop.newest().author).toBe("Ben <ben@example.org>");
});

test("policies are commits with the user who set them, and say when Git says so already", async () => {
  const lock = await shop.fluxctl("prod-eu", "lock", "-w", "deployment/search", "-m", "until the index is rebuilt");
  const { author, message, commit } = shop.newest();
  expect(lock).toMatchObject({
    code: 0,
    stdout: "WORKLOAD                STATUS   UPDATES\nshop:deployment/search  success  \n",
    stderr: `Commit pushed:\t${commit.slice(0, 7)}\n`,
  });
  expect(author).toBe("Ada <ada@example.org>");
  expect(message).toMatch(/^Locked: shop:deployment\/search\n/);
  const file = shop.file("clusters/prod-eu/search.yaml");
  expect(file).toMatch(/fluxcd\.io\/locked: ["']true["']/);
  expect(file).toMatch(/fluxcd\.io\/locked_user: ["']?Ada <ada@example\.org>/);
  expect(file).toMatch(/fluxcd\.io\/locked_msg: ["']?until the index is rebuilt/);
  const again = await shop.fluxctl("prod-eu", "lock", "-w", "deployment/search", "-m", "until the index is rebuilt");
  expect(again).toMatchObject({ code: 0, stderr: "" });
  expect(shop.newest().commit).toBe(commit);
  expect((await shop.fluxctl("prod-eu", "unlock", "-w", "deployment/search")).code).toBe(0);
  expect(shop.file("clusters/prod-eu/search.yaml")).not.toContain("locked");
  expect((await shop.fluxctl("prod-eu", "automate", "-w", "deployment/search")).code).toBe(0);
  expect((await shop.fluxctl("prod-eu", "list-workloads", "-c", "search", "--no-headers")).stdout).toMatch(
    /automated\n$/,
  );
  expect((await shop.fluxctl("prod-eu", "deautomate", "-w", "deployment/search")).code).toBe(0);
  const tagged = ["policy", "-w", "deployment/orders", "--tag-all", "semver:~2.4", "--tag", "orders=regex:^2"];
  expect((await shop.fluxctl("prod-eu", ...tagged)).code).toBe(0);
  expect(shop.newest().message).toMatch(/^Updated policies: shop:deployment\/orders\n/);
  const listed = await shop.fluxctl("prod-eu", "list-workloads", "-c", "migrate", "-o", "json");
  expect(JSON.parse(listed.stdout)[0].Policies).toEqual({ "tag.migrate": "semver:~2.4", "tag.orders": "semver:~2.4" });
});

test("a refusal says which rule it is, and force goes past it only with a reason", async () => {
  const pattern = await shop.fluxctl("prod-eu", "policy", "-w", "deployment/orders", "--tag", "orders=semver:~~1");
  expect(pattern.code).toBe(1);
  expect(pattern.stderr).toMatch(/^Error: invalid tag pattern: "semver:~~1"/);
  const unknown = await shop.fluxctl("prod-eu", "automate", "-w", "deployment/nothing");
  expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining("shop:deployment/nothing") });
  const tag = await build(shop.trial, "payment");
  const image = `registry.shop.example/shop/payment:${tag}`;
  await until("the registry's new image", async () => {
    const { stdout } = await shop.fluxctl("prod-eu", "list-images", "-w", "deployment/payment");
    return stdout.includes(`|   ${tag}`);
  });
  const args = [
    "release",
    "--workload=deployment/payment",
    `--update-image=${image}`,
    "--user",
    "Ada <ada@example.org>",
  ];
  const locked = await shop.fluxctl("prod-eu", ...args);
  expect(locked.code).toBe(1);
  expect(locked.stderr).toMatch(/Error: shop:deployment\/payment: locked by Ben Okafor: "the yearly audit/);
  const silent = await shop.fluxctl("prod-eu", ...args, "--force");
  expect(silent.code).toBe(1);
  expect(silent.stderr).toMatch(/== Error ==\n\ngive a reason/);
  const forced = await shop.fluxctl("prod-eu", ...args, "--force", "--message", "the bank asked for it");
  expect(forced.code).toBe(0);
  expect(shop.newest().message).toMatch(
    /\n\nthe bank asked for it\n\n[\s\S]*Sluice-Forced: shop:deployment\/payment payment locked\n/,
  );
});

test("usage errors are fluxctl's own and send nothing", async () => {
  const before = shop.newest().commit;
  const both = await shop.fluxctl("dev", "release", "--all", "--update-all-images", "--update-image=a:1");
  expect(both).toMatchObject({ code: 1, stderr: expect.stringContaining("Error: please supply only one of") });
  const untagged = await shop.fluxctl("dev", "release", "--all", "--update-image=nginx");
  expect(untagged.stderr).toContain("blank tag");
  const nobody = await shop.fluxctl("dev", "automate");
  expect(nobody.stderr).toContain("-w, --workload is required");
  expect(shop.newest().commit).toBe(before);
});
