import { existsSync } from "node:fs";
import { join } from "node:path";
import { pushBuild } from "../ci/build.ts";
import { appendCommits } from "../git/repository.ts";
import { type WorldAddresses, worldDocuments } from "./documents.ts";
import { configurationPath, people, type ServiceSeed, type WorldSeed } from "./seed.ts";
import { pastCommits } from "./sources.ts";

/** From a commit to its image. */
const buildTimeMs = 90_000;

/**
 * Makes the repositories and images a world starts with. Answers the head of every service's repository, which CI has
 * built then. Nothing is done again for a repository that is there already.
 */
export async function plantWorld(
  seed: WorldSeed,
  gitFolder: string,
  addresses: WorldAddresses,
  now: number,
): Promise<Record<string, string>> {
  const built: Record<string, string> = {};
  const work = seed.services.map(async (service) => {
    const head = await plantService(service, gitFolder, addresses, now);
    if (head !== undefined) built[service.path] = head;
  });
  // The configuration comes last: where it is, everything it names is.
  await Promise.all(work);
  await plantConfiguration(seed, gitFolder, addresses, now);
  return built;
}

async function plantService(
  service: ServiceSeed,
  gitFolder: string,
  addresses: WorldAddresses,
  now: number,
): Promise<string | undefined> {
  const bare = join(gitFolder, `${service.path}.git`);
  if (existsSync(join(bare, "HEAD"))) return undefined;
  const commits = pastCommits(service, now);
  const ids = await appendCommits(bare, commits);
  for (const [index, build] of service.builds.entries())
    await pushBuild({
      registry: addresses.registry,
      repository: service.path,
      version: build.tag,
      commit: ids[index]!,
      source: `${addresses.git}/${service.path}.git`,
      at: commits[index]!.at + buildTimeMs,
    });
  return ids.at(-1);
}

async function plantConfiguration(
  seed: WorldSeed,
  gitFolder: string,
  addresses: WorldAddresses,
  now: number,
): Promise<void> {
  const files: Record<string, string> = worldDocuments(seed, addresses);
  for (const [environment, manifests] of Object.entries(seed.environments))
    for (const [path, text] of Object.entries(manifests)) files[`clusters/${environment}/${path}`] = text;
  await appendCommits(join(gitFolder, `${configurationPath}.git`), [
    { message: `Describe what runs where`, author: people[0], at: now - 60_000, files },
  ]);
}
