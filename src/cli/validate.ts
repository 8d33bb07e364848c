import { readdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { joinDocuments } from "../documents/configuration.ts";
import { readDocuments, type WrittenDocument } from "../documents/read.ts";
import { SluiceError } from "../errors.ts";
import { readManifests } from "../manifests/read.ts";
import { imagePlaces } from "../manifests/workloads.ts";
import { documentApiVersion, type FileProblem } from "../model/documents.ts";
import { parseImage } from "../model/image.ts";
import { policyOf } from "../policies/annotations.ts";
import { parseFilter } from "../policies/filter.ts";

export interface Validation {
  readonly files: number;
  readonly documents: number;
  /** Kubernetes objects; configuration documents are not counted as such. */
  readonly objects: number;
  readonly problems: readonly FileProblem[];
}

/** Reads files and folders as the server and the agents will; `cwd` is where relative paths start. */
export async function validate(paths: readonly string[], cwd: string): Promise<Validation> {
  const files = (await Promise.all(paths.map((path) => filesOf(path, cwd)))).flat();
  if (files.length === 0)
    throw new SluiceError("bad_request", `There is no YAML file in ${paths.join(", ")}.`, {
      help: "Name files or folders that hold .yaml or .yml files.",
    });
  const documents: WrittenDocument[] = [];
  const inDocuments: FileProblem[] = [];
  const inManifests: FileProblem[] = [];
  let objects = 0;
  for (const file of new Set(files)) {
    const content = await readFile(resolve(cwd, file), "utf8");
    const read = readDocuments(file, content);
    documents.push(...read.documents);
    inDocuments.push(...read.problems);
    const manifests = checkManifests(file, content);
    objects += manifests.objects;
    inManifests.push(...manifests.problems);
  }
  const joined = joinDocuments("", documents, inDocuments);
  return {
    files: new Set(files).size,
    documents: documents.length,
    objects,
    problems: inOrder([...joined.problems, ...inManifests]),
  };
}

async function filesOf(path: string, cwd: string): Promise<string[]> {
  const full = resolve(cwd, path);
  const found = await stat(full).catch(() => undefined);
  if (found === undefined)
    throw new SluiceError("bad_request", `There is no file or folder ${path}.`, { help: "Check the path." });
  if (!found.isDirectory()) return [path];
  const entries = await readdir(full, { withFileTypes: true });
  const inside = entries
    .filter((entry) => !entry.name.startsWith(".") && entry.name !== "node_modules")
    .map((entry) => {
      if (entry.isDirectory()) return filesOf(join(path, entry.name), cwd);
      return entry.isFile() && /\.ya?ml$/.test(entry.name) ? [join(path, entry.name)] : [];
    });
  return (await Promise.all(inside)).flat();
}

function checkManifests(file: string, content: string): { objects: number; problems: FileProblem[] } {
  const read = readManifests(content);
  if (!read.ok) return { objects: 0, problems: [{ file, ...read.problem }] };
  const group = `${documentApiVersion.split("/")[0]}/`;
  const objects = read.file.objects.filter(({ object }) => !object.apiVersion.startsWith(group));
  const problems: FileProblem[] = [];
  for (const { object, line } of objects) {
    const name = `${object.kind} ${object.metadata.name}`;
    const policy = policyOf(object.metadata.annotations ?? {});
    for (const [container, written] of Object.entries(policy.tags)) {
      const filter = parseFilter(written);
      if (!filter.ok) problems.push({ file, line, message: `${name}, tags of ${container}: ${filter.reason}` });
    }
    for (const place of imagePlaces(object))
      if (parseImage(place.image) === undefined)
        problems.push({ file, line, message: `${name}, container ${place.container}: "${place.image}" is no image` });
  }
  return { objects: objects.length, problems };
}

/** By file and line; what both readings say (a file that is no YAML) is said once. */
function inOrder(problems: readonly FileProblem[]): FileProblem[] {
  const unique = new Map(problems.map((problem) => [`${problem.file} ${problem.line} ${problem.message}`, problem]));
  return [...unique.values()].sort((a, b) => a.file.localeCompare(b.file) || (a.line ?? 0) - (b.line ?? 0));
}
