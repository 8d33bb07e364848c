import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { SluiceError } from "../../errors.ts";
import { readManifests } from "../../manifests/read.ts";
import { workloadOf } from "../../manifests/workloads.ts";
import { type ImageRef, parseImage } from "../../model/image.ts";
import { patternAfter } from "../ci/version.ts";
import { environmentNames, type ServiceSeed, type WorldSeed } from "./seed.ts";

const maxFiles = 5_000;
const maxFileBytes = 4_000_000;

/** A world over any folder of Kubernetes manifests: every environment runs them, every image they name exists. */
export async function readFolderWorld(folder: string): Promise<WorldSeed> {
  const files = await manifestFiles(folder);
  const namespaces = new Set<string>();
  const declared = new Set<string>();
  const images = new Map<string, { ref: ImageRef; tags: Set<string> }>();
  for (const [path, text] of Object.entries(files)) {
    const result = readManifests(text);
    if (!result.ok) continue;
    for (const entry of result.file.objects) {
      if (entry.object.kind === "Namespace") declared.add(entry.object.metadata.name);
      const workload = workloadOf(entry, path);
      if (workload === undefined) continue;
      namespaces.add(workload.namespace);
      for (const slot of workload.containers) takeImage(images, slot.image);
    }
  }
  if (namespaces.size === 0)
    throw new SluiceError("bad_request", `${folder} holds no workload: no manifest in it names an image.`, {
      help: "Give a folder of Kubernetes manifests (YAML or JSON) to --from.",
    });
  const missing = [...namespaces].filter((name) => !declared.has(name) && name !== "default");
  const added = missing.map((name) => `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name} }\n`).join("---\n");
  const manifests = added === "" ? files : { ...files, "trial-namespaces.yaml": added };
  return {
    name: "trial",
    namespaces: [...namespaces].sort(),
    hosts: [...new Set([...images.values()].map(({ ref }) => ref.host))].sort(),
    environments: Object.fromEntries(environmentNames.map((name) => [name, manifests])),
    services: [...images.entries()].map(([path, { tags }]) => serviceOf(path, [...tags])),
  };
}

/** YAML and JSON files below a folder by their path; links are not followed. */
async function manifestFiles(folder: string): Promise<Record<string, string>> {
  const info = await stat(folder).catch(() => undefined);
  if (!info?.isDirectory())
    throw new SluiceError("bad_request", `${folder} is not a folder.`, {
      help: "Give a folder of Kubernetes manifests to --from.",
    });
  const found: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const inside = relative(folder, path).replaceAll("\\", "/");
    if (!entry.isFile() || !/\.(ya?ml|json)$/.test(inside) || /(^|\/)\.|["\n]/.test(inside)) continue;
    if ((await stat(path)).size > maxFileBytes) continue;
    found[inside] = await readFile(path, "utf8");
    if (Object.keys(found).length > maxFiles)
      throw new SluiceError("too_large", `${folder} holds more than ${maxFiles} manifests.`);
  }
  return found;
}

function takeImage(images: Map<string, { ref: ImageRef; tags: Set<string> }>, image: string): void {
  const ref = parseImage(image);
  if (ref === undefined) return;
  const known = images.get(ref.path) ?? { ref, tags: new Set<string>() };
  images.set(ref.path, known);
  if (ref.digest === undefined) known.tags.add(ref.tag ?? "latest");
}

function serviceOf(path: string, tags: readonly string[]): ServiceSeed {
  const all = tags.length === 0 ? ["latest"] : [...tags].sort();
  return {
    path,
    version: patternAfter(all.at(-1)!),
    about: `Stands for the image ${path} that the manifests name.`,
    // All of one age: which is the newest is nobody's to say.
    builds: all.map((tag, index) => ({ tag, hoursAgo: 48 - index / 60, message: `Build ${tag}` })),
  };
}
