import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createKubernetesClient } from "../../src/kubernetes/client.ts";
import { systemClock } from "../../src/model/ports/clock.ts";
import { silentLog } from "../../src/model/ports/log.ts";
import { startSandboxCluster } from "../../src/sandbox/cluster/server.ts";
import { startControllers } from "../../src/sandbox/controllers/controllers.ts";
import { startGitServer } from "../../src/sandbox/git/server.ts";
import { parseBehaviour } from "../../src/sandbox/kubelet/behaviour.ts";
import { Kubelet } from "../../src/sandbox/kubelet/kubelet.ts";
import { startRegistry } from "../../src/sandbox/registry/server.ts";
import { clusters } from "./documents.ts";
import type { WorldMessage } from "./messages.ts";

/** The outside world in a process of its own: registry, Git server, clusters with controllers and kubelet. */
const folder = process.argv[2]!;
const tell = (message: WorldMessage) => process.send?.(message);
let hook = "";
process.on("message", (message: { hook: string }) => {
  hook = message.hook;
});
process.on("disconnect", () => process.exit(0));

mkdirSync(join(folder, "git"), { recursive: true });
const registry = await startRegistry({
  notify: (envelope) => {
    if (hook === "") return;
    fetch(hook, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(envelope),
    }).catch(() => {});
  },
});
const git = await startGitServer({
  folder: join(folder, "git"),
  pushed: (repository) => tell({ type: "pushed", repository, at: Date.now() }),
});
const made = [];
for (const name of clusters) {
  const cluster = await startSandboxCluster({ name, clock: systemClock });
  const client = () => createKubernetesClient({ server: cluster.url, token: () => "bench" });
  await startControllers({ client: client(), clock: systemClock, log: silentLog });
  const kubelet = new Kubelet({
    client: client(),
    clock: systemClock,
    log: silentLog,
    pull: async (image) => ({
      found: true,
      digest: await digestOf(image),
      behaviour: parseBehaviour("ready-after=50ms"),
    }),
  });
  await kubelet.start();
  made.push({ name, url: cluster.url, kubeconfig: cluster.kubeconfig });
}
tell({ type: "ready", registry: registry.url, git: git.url, clusters: made });

/** The digest the registry has for a reference; images nobody pushed get one of zeros. */
async function digestOf(image: string): Promise<string> {
  const [name = "", tag = ""] = image.slice(image.indexOf("/") + 1).split(":");
  const answer = await fetch(`${registry.url}/v2/${name}/manifests/${tag}`, { method: "HEAD" });
  return answer.headers.get("docker-content-digest") ?? `sha256:${"0".repeat(64)}`;
}
