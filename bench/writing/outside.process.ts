import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { startGitServer } from "../../src/sandbox/git/server.ts";
import { pushImage } from "../../src/sandbox/registry/push.ts";
import { startRegistry } from "../../src/sandbox/registry/server.ts";
import { imageCount, newTag, oldTag } from "./manifests.ts";
import type { OutsideMessage } from "./messages.ts";

/** Git over HTTP (`git http-backend`) and a registry that holds every image, in a process of their own. */
const folder = process.argv[2]!;
const tell = (message: OutsideMessage) => process.send?.(message);
process.on("disconnect", () => process.exit(0));

mkdirSync(join(folder, "git"), { recursive: true });
const registry = await startRegistry({});
const built = Date.now() - 3_600_000;
for (let index = 0; index < imageCount; index++)
  for (const [turn, tag] of [oldTag, newTag].entries())
    await pushImage({
      registry: registry.url,
      repository: `shop/app-${index}`,
      tag,
      labels: {},
      createdAt: built + turn * 60_000,
    });
const git = await startGitServer({
  folder: join(folder, "git"),
  pushed: (repository) => tell({ type: "pushed", repository, at: Date.now() }),
});
tell({ type: "ready", git: git.url, registry: registry.url });
