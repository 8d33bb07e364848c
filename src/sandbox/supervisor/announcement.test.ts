import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/repository.ts";
import { announce, withdraw } from "./announcement.ts";

const folder = temporaryFolder();
afterEach(folder.remove);
const file = join(folder.path, ".sluice/trial.json");
const of = (pid: number) => ({ url: `http://127.0.0.1/${pid}`, git: "g", registry: "r", pid });

test("a trial that runs keeps its announcement; one whose process is dead is overwritten", () => {
  const dead = spawnSync("true").pid;
  expect(announce(file, of(dead))).toBe(true);
  expect(announce(file, of(process.pid))).toBe(true);
  expect(announce(file, of(2 ** 22 + 1))).toBe(false);
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(of(process.pid));
});

test("only the trial that announced itself takes the announcement back", () => {
  announce(file, of(process.pid));
  withdraw(file, process.pid + 1);
  expect(existsSync(file)).toBe(true);
  withdraw(file, process.pid);
  expect(existsSync(file)).toBe(false);
});
