import { SluiceError } from "../errors.ts";
import { readManifests } from "../manifests/read.ts";
import { writeManifest } from "../manifests/write.ts";
import type { KubeObject } from "../model/kubernetes.ts";

/** One exported object, where fluxctl would save it, and its YAML. */
export interface SavedFile {
  readonly object: KubeObject;
  /** Relative, with slashes. */
  readonly path: string;
  readonly content: string;
}

/**
 * An environment's export as files, and what the agent said it left out. Throws `cluster_failed` for an export that is
 * no YAML: half of one is worse than none.
 */
export function savedFiles(yaml: string): { readonly files: readonly SavedFile[]; readonly notes: readonly string[] } {
  const read = readManifests(yaml);
  if (!read.ok)
    throw new SluiceError("cluster_failed", `The export cannot be read: ${read.problem.message}`, {
      help: "Nothing was saved. The agent's log may say more.",
    });
  const files = read.file.objects.map(({ object }) => {
    const clean = withoutRollouts(object);
    return { object: clean, path: pathOf(clean), content: writeManifest(clean) };
  });
  const notes = yaml.match(/^# not exported.*$/gm) ?? [];
  return { files, notes: notes.map((note) => note.slice(2)) };
}

function pathOf({ kind, metadata: { name, namespace } }: KubeObject): string {
  if (kind === "Namespace") return `${safe(name)}-ns.yaml`;
  const file = `${safe(name)}-${kind === "Deployment" ? "dep" : kind}.yaml`;
  return namespace === undefined ? file : `${safe(namespace)}/${file}`;
}

/** Names come from a cluster; none may lead out of the folder. */
function safe(name: string): string {
  return name.replaceAll(/[/\\]/g, "_").replace(/^\.+/, "_");
}

/** Without what each rollout writes anew. */
function withoutRollouts(object: KubeObject): KubeObject {
  const { "kubernetes.io/change-cause": _cause, ...annotations } = object.metadata.annotations ?? {};
  const { annotations: _before, ...metadata } = object.metadata;
  return { ...object, metadata: Object.keys(annotations).length === 0 ? metadata : { ...metadata, annotations } };
}
