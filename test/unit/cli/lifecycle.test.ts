import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../support/repository.ts";
import { startSilentHost } from "../../support/silent.ts";
import { runSluice, startSluice, startWritingSluice } from "./process.ts";

function serverArguments(): string[] {
  const folder = temporaryFolder();
  onTestFinished(folder.remove);
  const documents = join(folder.path, "documents");
  mkdirSync(documents);
  return ["server", "--data", join(folder.path, "data"), "--config", documents, "--port", "0"];
}

test.each(["SIGTERM", "SIGINT"] as const)("a server ends cleanly at %s", async (signal) => {
  const { child, url, ended } = await startSluice(serverArguments());
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  child.kill(signal);
  expect(await ended).toEqual({ code: 0, signal: null });
});

test("a server that still waits for Git listens already and ends when it is asked to", async () => {
  const host = await startSilentHost();
  onTestFinished(host.close);
  const args = serverArguments();
  args[args.indexOf("--config") + 1] = `${host.url}/shop/config.git#main:sluice`;
  const { child, url, ended } = await startWritingSluice(args);
  await host.asked;
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await fetch(`${url}/readyz`)).status).toBe(503);
  child.kill("SIGTERM");
  expect(await ended).toEqual({ code: 0, signal: null });
});

test("a server ends when the parent that started it is gone", async () => {
  const { child, ended } = await startSluice(serverArguments());
  child.disconnect();
  expect(await ended).toEqual({ code: 0, signal: null });
});

test("a token is printed once, alone, works at once, and locks out when removed", async () => {
  const args = serverArguments();
  const data = args[2]!;
  const { child, url, ended } = await startSluice(args);
  expect((await runSluice(["pipelines", "--server", url])).code).toBe(3);
  const made = await runSluice(["token", "create", "--name", "ana", "--data", data]);
  const token = made.stdout.trim();
  expect(made.stdout).toMatch(/^sluice_p_\S+\n$/);
  expect(made.stderr).not.toContain(token);
  expect((await runSluice(["pipelines", "--server", url, "--token", token])).code).toBe(0);
  const list = await runSluice(["token", "list", "--data", data]);
  expect(list.stdout).toContain("ana");
  expect(list.stdout).not.toContain(token);
  expect((await runSluice(["token", "remove", "ana", "--data", data])).code).toBe(0);
  const refused = await runSluice(["pipelines", "--server", url, "--token", token]);
  expect(refused).toMatchObject({ code: 3, stdout: "" });
  expect(refused.stderr).not.toContain(token);
  child.kill();
  await ended;
}, 30_000);

test("a mistyped data folder is told, not made", async () => {
  const folder = temporaryFolder();
  onTestFinished(folder.remove);
  const nowhere = join(folder.path, "nowhere");
  expect((await runSluice(["token", "list", "--data", nowhere])).code).toBe(1);
  expect(existsSync(nowhere)).toBe(false);
});
