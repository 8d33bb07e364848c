import { LRUCache } from "lru-cache";
import { type ManifestObject, type ReadResult, readManifests } from "../manifests/read.ts";
import { workloadOf } from "../manifests/workloads.ts";
import type { Environment, FileProblem, ImageRules } from "../model/documents.ts";
import type { GitMirror } from "../model/ports/git.ts";
import type { Workload } from "../model/workload.ts";

/** Where an environment's manifests stand in its repository, and where images stand in them. */
export interface EnvironmentPlaces {
  readonly paths: readonly string[];
  readonly images: ImageRules;
}
/** The places of an environment's document. */
export function placesOf({ git, images }: Pick<Environment, "git" | "images">): EnvironmentPlaces {
  return { paths: git.paths, images };
}
/** One manifest file of an environment at a commit. */
interface EnvironmentFile {
  readonly path: string;
  readonly blob: string;
  readonly result: ReadResult;
}
/** What Git says of an environment at one commit. */
export interface EnvironmentTree {
  readonly commit: string;
  readonly files: readonly EnvironmentFile[];
  readonly workloads: ReadonlyMap<string, Workload>;
  readonly problems: readonly FileProblem[];
  /** Configured paths that hold no file at all. */
  readonly emptyPaths: readonly string[];
}

const parsed = new LRUCache<string, ReadResult>({ max: 20_000 });

/** Reads the manifests below the paths at a commit. A blob is parsed once, ever. A broken file is told and left out. */
export async function readEnvironmentTree(
  mirror: GitMirror,
  commit: string,
  { paths, images }: EnvironmentPlaces,
): Promise<EnvironmentTree> {
  const files: EnvironmentFile[] = [];
  const emptyPaths: string[] = [];
  for (const path of paths) {
    const entries = (await mirror.files(commit, [path])).filter((entry) => /\.ya?ml$|\.json$/.test(entry.path));
    if (entries.length === 0) emptyPaths.push(path);
    for (const entry of entries) {
      if (files.some((file) => file.path === entry.path)) continue;
      files.push({ path: entry.path, blob: entry.blob, result: await readBlob(mirror, entry.blob) });
    }
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { commit, files, emptyPaths, ...collect(files, images) };
}

/** Why a workload may be missing from a tree: the files that cannot be read. Undefined when all can. */
export function unreadableFiles(tree: EnvironmentTree): string | undefined {
  const broken = tree.files.flatMap(({ path, result }) =>
    result.ok ? [] : [showFileProblem({ file: path, ...result.problem })],
  );
  if (broken.length === 0) return undefined;
  return `${broken.slice(0, 3).join("; ")}${broken.length > 3 ? ` and ${broken.length - 3} more` : ""}`;
}

/** File, line and reason in one. */
function showFileProblem({ file, line, message }: FileProblem): string {
  return `${file}${line === undefined ? "" : ` line ${line}`}: ${message}`;
}

async function readBlob(mirror: GitMirror, blob: string): Promise<ReadResult> {
  const known = parsed.get(blob);
  if (known !== undefined) return known;
  const result = readManifests(await mirror.read(blob));
  parsed.set(blob, result);
  return result;
}

function collect(
  files: readonly EnvironmentFile[],
  images: ImageRules,
): {
  workloads: ReadonlyMap<string, Workload>;
  problems: FileProblem[];
} {
  const workloads = new Map<string, Workload>();
  const problems: FileProblem[] = [];
  for (const { path, result } of files) {
    if (!result.ok) {
      problems.push({ file: path, ...result.problem });
      continue;
    }
    for (const entry of result.file.objects) {
      if (isConfiguration(entry)) continue;
      const workload = workloadOf(entry, path, images);
      if (workload === undefined) continue;
      const first = workloads.get(workload.id);
      if (first === undefined) workloads.set(workload.id, workload);
      else
        problems.push({
          file: path,
          line: entry.line,
          message: `${workload.id} is written twice; the one in ${first.file} counts`,
        });
    }
  }
  return { workloads, problems };
}

/** Our own documents may stand beside manifests; they are never applied. */
export function isConfiguration(entry: ManifestObject): boolean {
  return entry.object.apiVersion.startsWith("sluice.dev/");
}
