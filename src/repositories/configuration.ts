import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { joinDocuments } from "../documents/configuration.ts";
import { readDocuments, type WrittenDocument } from "../documents/read.ts";
import { messageOf, SluiceError } from "../errors.ts";
import type { Configuration, FileProblem, Pipeline } from "../model/documents.ts";
import type { GitMirror } from "../model/ports/git.ts";

/** Where documents are kept: a path of a Git branch, or a folder of this machine for trial. */
export type ConfigurationSource =
  | { readonly kind: "git"; readonly repository: string; readonly branch: string; readonly path: string }
  | { readonly kind: "folder"; readonly folder: string };

export const emptyConfiguration: Configuration = {
  commit: "",
  environments: new Map(),
  pipelines: new Map(),
  registries: [],
  problems: [],
};

/** The configuration in force and the documents it is made of, which outlive a later broken version of them. */
export interface InForce {
  readonly configuration: Configuration;
  readonly documents: readonly WrittenDocument[];
}

/**
 * Reads all documents; a file with a broken one keeps what it held before beside what it says well now. Where there is
 * no file at all, a mistyped path is likelier than the wish to stop everything: what was in force stays. Throws
 * `git_failed` where Git itself cannot be read.
 */
export async function readConfiguration(
  files: readonly { path: string; text: () => Promise<string> }[],
  commit: string,
  place: string,
  before: InForce,
): Promise<InForce> {
  if (files.length === 0 && before.documents.length > 0) {
    const message = "there is no configuration document here any more; the last good ones stay in force";
    return { ...before, configuration: { ...before.configuration, commit, problems: [{ file: place, message }] } };
  }
  const documents: WrittenDocument[] = [];
  const problems: FileProblem[] = [];
  const broken = new Set<string>();
  for (const file of files) {
    const read = await file.text().then(
      (text) => readDocuments(file.path, text),
      (error: unknown) => {
        // Git that cannot be read now says nothing about the file: all of it is read again later.
        if (error instanceof SluiceError && error.code === "git_failed") throw error;
        return { documents: [], problems: [{ file: file.path, message: messageOf(error) }] };
      },
    );
    documents.push(...read.documents);
    problems.push(...read.problems);
    if (read.problems.length > 0) broken.add(file.path);
  }
  const said = new Set(documents.map(keyOf));
  documents.push(...before.documents.filter((old) => broken.has(old.file) && !said.has(keyOf(old))));
  return { configuration: joinDocuments(commit, documents, problems, before.configuration), documents };
}

/** The configuration as it was in force when it was kept, before anything is read again. */
export function restoreConfiguration(kept: KeptConfiguration): InForce {
  const pipelines = new Map(kept.pipelines.map((pipeline) => [pipeline.name, pipeline]));
  const configuration = joinDocuments("", kept.documents, [], { ...emptyConfiguration, pipelines });
  return { configuration, documents: kept.documents };
}

/** What is kept of a configuration: its documents, and the pipelines as they are in force, which may be older. */
export interface KeptConfiguration {
  readonly documents: readonly WrittenDocument[];
  readonly pipelines: readonly Pipeline[];
}
export function keptConfiguration({ configuration, documents }: InForce): KeptConfiguration {
  return { documents, pipelines: [...configuration.pipelines.values()] };
}

/** The documents' files of a source; a folder has no commit. */
export async function filesOf(
  source: ConfigurationSource,
  mirror: GitMirror | undefined,
  commit: string,
): Promise<{ path: string; text: () => Promise<string> }[]> {
  if (source.kind === "git") {
    const entries = await mirror!.files(commit, [source.path]);
    return entries
      .filter((entry) => isYaml(entry.path))
      .map((entry) => ({ path: entry.path, text: () => mirror!.read(entry.blob) }));
  }
  const names = (await readdir(source.folder, { recursive: true })).filter(isYaml).sort();
  return names.map((name) => ({ path: name, text: () => readFile(join(source.folder, name), "utf8") }));
}

function isYaml(path: string): boolean {
  return /\.ya?ml$/.test(path);
}
function keyOf(written: WrittenDocument): string {
  return `${written.document.kind} ${written.document.metadata.name}`;
}
