import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { joinDocuments } from "../documents/configuration.ts";
import { readDocuments, type WrittenDocument } from "../documents/read.ts";
import { messageOf } from "../errors.ts";
import type { Configuration, FileProblem } from "../model/documents.ts";
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

/** Reads all documents; a file with a broken one keeps what it held before beside what it says well now. */
export async function readConfiguration(
  files: readonly { path: string; text: () => Promise<string> }[],
  commit: string,
  before: InForce,
): Promise<InForce> {
  const documents: WrittenDocument[] = [];
  const problems: FileProblem[] = [];
  for (const file of files) {
    const read = await file.text().then(
      (text) => readDocuments(file.path, text),
      (error: unknown) => ({ documents: [], problems: [{ file: file.path, message: messageOf(error) }] }),
    );
    documents.push(...read.documents);
    problems.push(...read.problems);
    if (read.problems.length === 0) continue;
    const said = new Set(read.documents.map(keyOf));
    documents.push(...before.documents.filter((old) => old.file === file.path && !said.has(keyOf(old))));
  }
  return { configuration: joinDocuments(commit, documents, problems, before.configuration), documents };
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
