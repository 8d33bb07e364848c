import { SluiceError } from "../../../src/errors.ts";
import { editManifests, type ManifestEdit } from "../../../src/manifests/edit.ts";
import { readManifests } from "../../../src/manifests/read.ts";
import { workloadOf } from "../../../src/manifests/workloads.ts";

const workload = "shop:deployment/cart";
const edits: readonly ManifestEdit[] = [
  { workload, container: "cart", image: "shop/cart:2" },
  { kind: "annotations", workload, set: { "fluxcd.io/automated": "true" }, remove: ["fluxcd.io/locked"] },
];

/** Does with a text what a server does: reads it, finds its workloads, edits it. Answers the refusal, if it is one. */
export function attempt(text: string): string | undefined {
  const read = readManifests(text);
  if (read.ok) for (const entry of read.file.objects) workloadOf(entry, "a.yaml");
  try {
    const edited = editManifests("a.yaml", text, edits);
    if (!edited.includes("shop/cart:2")) throw new Error("nothing was written, and nothing was said");
    return undefined;
  } catch (thrown) {
    if (thrown instanceof SluiceError && thrown.code === "invalid_manifest") return thrown.message;
    throw thrown;
  }
}
