import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/repository.ts";
import { until } from "../../../test/support/until.ts";
import { Child } from "./child.ts";

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});
function childOf(program: string) {
  const folder = temporaryFolder();
  stops.push(folder.remove);
  const module = join(folder.path, "program.mjs");
  writeFileSync(module, program);
  const lost: Error[] = [];
  const log = join(folder.path, "child.log");
  const child = new Child({ name: "the part", module, args: ["a"], log, lost: (error) => lost.push(error) });
  stops.push(() => child.kill());
  return { child, lost };
}
const good = `process.on("disconnect", () => process.exit(0));
process.send({ ready: process.argv[2] });`;

test("a process that ended by itself is brought back; one that was ended by hand stays away until it is started", async () => {
  const { child } = childOf(good);
  expect(await child.start()).toBe("a");
  const first = child.pid!;
  process.kill(first, "SIGKILL");
  await until("another process", () => child.pid !== undefined && child.pid !== first);
  await child.kill();
  expect(child.running).toBe(false);
  expect(await child.start()).toBe("a");
  await child.stop();
  expect(child.running).toBe(false);
});

test("a process that does not start is named, with the end of its log", async () => {
  const { child } = childOf(`console.error("no room on the disk"); process.exit(3);`);
  await expect(child.start()).rejects.toThrow(/the part ended with exit code 3[\s\S]*no room on the disk/);
});
