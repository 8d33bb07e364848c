import { join } from "node:path";
import { mustGit } from "../../git/process.ts";
import { readManifests } from "../../manifests/read.ts";
import { workloadOf } from "../../manifests/workloads.ts";
import type { Workload } from "../../model/workload.ts";
import { appendCommits, fileAt, headOf } from "../git/repository.ts";
import type { WorldAddresses } from "./documents.ts";
import { configurationPath, people } from "./seed.ts";

/** The configuration repository as it stands in the world's Git server, read past the server. */
export class WorldConfiguration {
  readonly #bare: string;
  #read: { head: string; workloads: Map<string, readonly Workload[]> } | undefined;

  constructor(gitFolder: string) {
    this.#bare = join(gitFolder, `${configurationPath}.git`);
  }

  /** The workloads of an environment at the branch's head; files that cannot be read are left out. */
  async workloads(environment: string): Promise<readonly Workload[]> {
    const head = (await headOf(this.#bare)) ?? "";
    if (this.#read?.head !== head) this.#read = { head, workloads: new Map() };
    const known = this.#read.workloads.get(environment);
    if (known !== undefined) return known;
    const found: Workload[] = [];
    for (const path of await this.#files(head, `clusters/${environment}/`)) {
      const result = readManifests((await fileAt(this.#bare, head, path)) ?? "");
      if (!result.ok) continue;
      for (const entry of result.file.objects) {
        const workload = workloadOf(entry, path);
        if (workload !== undefined) found.push(workload);
      }
    }
    this.#read.workloads.set(environment, found);
    return found;
  }

  /** Writes this run's addresses into the documents where they name those of an earlier run. */
  async moveTo(before: WorldAddresses, now: WorldAddresses, at: number): Promise<void> {
    if (before.git === now.git && before.registry === now.registry) return;
    const head = (await headOf(this.#bare)) ?? "";
    const files: Record<string, string> = {};
    for (const path of [...(await this.#files(head, "sluice/")), "README.md"]) {
      const text = (await fileAt(this.#bare, head, path)) ?? "";
      const moved = text.replaceAll(before.git, now.git).replaceAll(before.registry, now.registry);
      if (moved !== text) files[path] = moved;
    }
    if (Object.keys(files).length === 0) return;
    await appendCommits(this.#bare, [{ message: "Name this run's addresses", author: people[0], at, files }]);
  }

  async #files(commit: string, below: string): Promise<string[]> {
    const text = await mustGit(
      this.#bare,
      ["ls-tree", "-r", "-z", "--name-only", commit, "--", below],
      `reading ${below}`,
    );
    return text.split("\0").filter((path) => /\.(ya?ml|json)$/.test(path));
  }
}
