import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { byHand } from "./baseline.ts";
import { type CrowdName, crowdOf, pushes } from "./crowds.ts";
import type { HandMessage } from "./messages.ts";

/**
 * Somebody who pushes by hand, over and over, in a process of their own: edits, commits, pushes; when another was faster,
 * starts from the new head.
 */
const [name, clone] = process.argv.slice(2) as [CrowdName, string];
const crowd = crowdOf(name);
const maxTries = 100;
process.on("disconnect", () => process.exit(0));
process.once("message", () => void pushAll());

async function pushAll(): Promise<void> {
  const commits: string[] = [];
  let lostRaces = 0;
  for (let turn = 0; turn < pushes; turn++) {
    let tries = 0;
    while (!(await push(turn))) {
      lostRaces++;
      if (++tries === maxTries) throw new Error(`turn ${turn} by hand was pushed away ${maxTries} times`);
      await byHand(clone, "fetch", "--quiet", "origin");
      await byHand(clone, "reset", "--quiet", "--hard", "origin/main");
    }
    commits.push((await byHand(clone, "rev-parse", "HEAD")).trim());
  }
  process.send?.({ commits, lostRaces, at: Date.now() } satisfies HandMessage);
}

async function push(turn: number): Promise<boolean> {
  const file = join(clone, crowd.handFile(turn));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, crowd.handEdit(turn, existsSync(file) ? readFileSync(file, "utf8") : ""));
  await byHand(clone, "add", "-A");
  await byHand(clone, "commit", "--quiet", "-m", `By hand ${turn}`);
  return byHand(clone, "push", "--quiet", "origin", "HEAD:main").then(
    () => true,
    () => false,
  );
}
