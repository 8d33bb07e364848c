import { SluiceError } from "../../errors.ts";
import { imageName, parseImage } from "../../model/image.ts";
import type { KubeObject } from "../../model/kubernetes.ts";
import type { KubernetesClient } from "../../model/ports/kubernetes.ts";
import type { Workload } from "../../model/workload.ts";

/** What a person changes in a cluster past Git. */
export type HandChange = "replicas" | "image" | "delete";
/** Who the API server records as the owner of fields changed by hand. */
const handManager = "kubectl-edit";
const scalable = new Set(["Deployment", "StatefulSet", "ReplicaSet"]);

/** Changes a live object as a person with kubectl would, and answers what was done in words. */
export async function changeByHand(
  client: KubernetesClient,
  workload: Workload,
  what: HandChange,
  tagsOf: (path: string) => readonly string[],
): Promise<string> {
  const { apiVersion, kind, namespace, name, id } = workload;
  const identity = { apiVersion, kind, metadata: { name, namespace } };
  const live = await client.get(identity, namespace, name);
  if (live === undefined) throw new SluiceError("not_found", `${id} is not in the cluster.`);
  if (what === "delete") {
    await client.remove(identity, namespace, name);
    return `Deleted ${id} by hand`;
  }
  if (what === "replicas") {
    if (!scalable.has(kind))
      throw new SluiceError("refused", `A ${kind} has no replicas to change.`, { help: "Choose a Deployment." });
    const before = (live.spec as { replicas?: number }).replicas ?? 1;
    await apply(client, { ...identity, spec: { replicas: before + 2 } });
    return `Scaled ${id} from ${before} to ${before + 2} by hand`;
  }
  const slot = workload.containers.find((entry) => !entry.init) ?? workload.containers[0]!;
  const image = otherImage(slot.image, tagsOf);
  const containers = { containers: [{ name: slot.container, image }] };
  const template = { template: { spec: containers } };
  const spec = kind === "Pod" ? containers : kind === "CronJob" ? { jobTemplate: { spec: template } } : template;
  await apply(client, { ...identity, spec });
  return `Set ${slot.container} of ${id} to ${image} by hand`;
}

async function apply(client: KubernetesClient, object: KubeObject): Promise<void> {
  await client.apply(object, { fieldManager: handManager, force: true });
}

/** Another version of an image that the registry has, or one that nobody has. */
function otherImage(image: string, tagsOf: (path: string) => readonly string[]): string {
  const ref = parseImage(image);
  if (ref === undefined) throw new SluiceError("refused", `${image} is no image reference.`);
  const other = tagsOf(ref.path).filter((tag) => tag !== (ref.tag ?? "latest"));
  return `${ref.writtenName === ref.path ? ref.writtenName : imageName(ref)}:${other.at(-1) ?? "made-by-hand"}`;
}
