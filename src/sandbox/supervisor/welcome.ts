import type { WorldReady } from "../world/messages.ts";
import { configurationPath } from "../world/seed.ts";

export interface WelcomeFacts {
  readonly url: string;
  readonly world: WorldReady;
  /** Folder of state and logs. */
  readonly folder: string;
  readonly kept: boolean;
  /** Milliseconds from the start of the process. */
  readonly tookMs: number;
  /** Port wished for that somebody else had. */
  readonly takenPort?: number;
  /** Whether `sluice` in the checkout finds this trial. */
  readonly announced: boolean;
}

/** What a person reads when the trial is up: the address, what is inside, what to try, how to stop. */
export function welcome(facts: WelcomeFacts): string {
  const { url, world, folder, kept } = facts;
  const service = world.example ?? "SERVICE";
  const at = facts.announced ? "" : ` --server ${url}`;
  const first = world.waiting
    ? "Open the page and take what waits before prod to prod: watch it go region by region."
    : "Open the page: what runs where, from which file and image.";
  const inside = `${world.workloads} workloads in each of five clusters (dev, stage-eu, stage-us, prod-eu, prod-us)`;
  return `
  Sluice trial: ${url}
${facts.takenPort === undefined ? "" : `  (port ${facts.takenPort} was taken)\n`}${facts.announced ? "" : "  (another trial runs in this checkout: npx sluice finds that one)\n"}
  Inside      ${inside},
              an agent in each, a registry, a Git server and a CI. Clusters are simulated; all else is what it is.
  Config      git clone ${world.git}/${configurationPath}.git
  Registry    ${world.registry}
  State, logs ${folder}${kept ? "" : " (removed at the end; --dir FOLDER keeps it)"}

  Try         1. ${first}
              2. npx sluice demo build ${service}${at}
                 A new version: dev and both stage regions take it by themselves, prod waits for you.
              3. npx sluice demo build ${service} --kind crash-later${at}
                 A bad one: see who stops it, and why.

  Stop        Ctrl-C. It also ends with whoever started it; start it with setsid to let it run on.
  (ready in ${(facts.tookMs / 1_000).toFixed(1)} s; the clusters come alive in the next seconds)
`;
}
