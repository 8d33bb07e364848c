import { resolve } from "node:path";
import { joinDocuments } from "../documents/configuration.ts";
import { readDocuments } from "../documents/read.ts";
import { SluiceError } from "../errors.ts";
import { readAs, readFile } from "../manifests/files.ts";
import { imagePlacesOf } from "../manifests/workloads.ts";
import { documentApiVersion, type FileProblem, type ImageRules } from "../model/documents.ts";
import { parseImage } from "../model/image.ts";
import { policyOf } from "../policies/annotations.ts";
import { parseFilter } from "../policies/filter.ts";
import { manifestFiles } from "./manifestFiles.ts";

export interface Validation {
  readonly files: number;
  readonly documents: number;
  /** Kubernetes objects; configuration documents are not counted as such. */
  readonly objects: number;
  readonly problems: readonly FileProblem[];
}

const linkProblem =
  "this is a symbolic link, and neither server nor agents follow any; put a copy here, or name the file it points to";

/** Reads files and folders as the server and the agents will; `cwd` is where relative paths start. */
export async function validate(paths: readonly string[], cwd: string): Promise<Validation> {
  const files = await manifestFiles(paths, cwd);
  if (files.length === 0)
    throw new SluiceError("bad_request", `There is no YAML file in ${paths.join(", ")}.`, {
      help: "Name files or folders that hold .yaml or .yml files.",
    });
  const texts = files.filter((file) => file.kind === "text");
  const written = texts.map(({ path, content }) => readDocuments(path, content));
  const documents = written.flatMap((one) => one.documents);
  const inDocuments = joinDocuments(
    "",
    documents,
    written.flatMap((one) => one.problems),
  );
  const rules = [...inDocuments.environments.values()].map(({ images }) => images);
  const manifests = texts.map(({ path, content }) => checkManifests(path, resolve(cwd, path), content, rules));
  const links = files.flatMap(({ kind, path }) => (kind === "link" ? [{ file: path, message: linkProblem }] : []));
  return {
    files: texts.length,
    documents: documents.length,
    objects: manifests.reduce((sum, one) => sum + one.objects, 0),
    problems: inOrder([...inDocuments.problems, ...manifests.flatMap((one) => one.problems), ...links]),
  };
}

/** The rules of all environments as far as they are about one file, which is told by its whole path. */
function rulesFor(path: string, all: readonly ImageRules[]): ImageRules {
  const named = all.flatMap(({ files }) => files).find((rule) => resolve(path).endsWith(resolve("/", rule.path)));
  return { fields: all.flatMap(({ fields }) => fields), files: named === undefined ? [] : [{ ...named, path }] };
}

function checkManifests(
  file: string,
  path: string,
  content: string,
  all: readonly ImageRules[],
): { objects: number; problems: FileProblem[] } {
  const rules = rulesFor(path, all);
  const read = readFile(content, readAs(path, rules));
  if (!read.ok) return { objects: 0, problems: [{ file, ...read.problem }] };
  const group = `${documentApiVersion.split("/")[0]}/`;
  const objects = read.file.objects.filter(({ object }) => !object.apiVersion.startsWith(group));
  const problems: FileProblem[] = [];
  for (const entry of objects) {
    const { object, line } = entry;
    const name = `${object.kind} ${object.metadata.name}`;
    const policy = policyOf(object.metadata.annotations ?? {});
    for (const [container, written] of Object.entries(policy.tags)) {
      const filter = parseFilter(written);
      if (!filter.ok) problems.push({ file, line, message: `${name}, tags of ${container}: ${filter.reason}` });
    }
    for (const { container, image, fixed } of imagePlacesOf(entry, rules))
      if (parseImage(image) === undefined)
        problems.push({ file, line, message: `${name}, container ${container}: ${fixed ?? `"${image}" is no image`}` });
  }
  return { objects: objects.length, problems };
}

/** By file and line; what both readings say (a file that is no YAML) is said once. */
function inOrder(problems: readonly FileProblem[]): FileProblem[] {
  const unique = new Map(problems.map((problem) => [`${problem.file} ${problem.line} ${problem.message}`, problem]));
  return [...unique.values()].sort((a, b) => a.file.localeCompare(b.file) || (a.line ?? 0) - (b.line ?? 0));
}
