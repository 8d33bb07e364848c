import { type BenchWorkload, imageCount, imageHost, manifestOf, newTag, oldTag, workloadsOf } from "./manifests.ts";

export const releases = 100;
export const pushes = 20;
export const root = "clusters/prod";

/** One way for releases and a person who pushes by hand to be in each other's way. */
export interface Crowd {
  readonly files: Readonly<Record<string, string>>;
  readonly selections: readonly { readonly workload: string; readonly container: string }[];
  /** The file a person edits in a turn, and what it becomes; empty text where it is not there yet. */
  readonly handFile: (turn: number) => string;
  readonly handEdit: (turn: number, before: string) => string;
  /** What has to stand in that file in the end. */
  readonly handLine: (turn: number) => string;
  /** What has to stand in the end for a release. */
  readonly releaseLine: (index: number) => { readonly file: string; readonly line: string };
}
export type CrowdName = "own files" | "one file";

export function crowdOf(name: CrowdName): Crowd {
  return name === "own files" ? ownFiles(workloadsOf(releases, root)) : oneFile(`${root}/crowd.yaml`);
}

/** A file for each release, and one for each push by hand. */
function ownFiles(workloads: readonly BenchWorkload[]): Crowd {
  return {
    files: Object.fromEntries(workloads.map((workload) => [workload.path, manifestOf(workload)])),
    selections: workloads.map(({ id }) => ({ workload: id, container: id.slice(id.indexOf("/") + 1) })),
    handFile: (turn) => `${root}/by-hand/config-${turn}.yaml`,
    handEdit: (turn) =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: config-${turn} }\ndata: { turn: "${turn}" }\n`,
    handLine: (turn) => `data: { turn: "${turn}" }`,
    releaseLine: (index) => {
      const { path, image } = workloads[index]!;
      return { file: path, line: `          image: ${image}:${newTag} # one line changes` };
    },
  };
}

/** One Deployment of 100 containers, a line each, and a line of somebody else before every fifth. */
function oneFile(file: string): Crowd {
  const line = (index: number, tag: string) =>
    `        - { name: c${index}, image: "${imageHost}/shop/app-${index % imageCount}:${tag}" }`;
  const foreign = (turn: number, word: string) => `        # turn ${turn}: ${word}`;
  const every = releases / pushes;
  const indexes = Array.from({ length: releases }, (_, index) => index);
  const lines = indexes.flatMap((index) =>
    index % every === 0 ? [foreign(index / every, "nobody"), line(index, oldTag)] : [line(index, oldTag)],
  );
  const text = `apiVersion: apps/v1
kind: Deployment
metadata: { name: crowd, namespace: shop }
spec:
  selector: { matchLabels: { app: crowd } }
  template:
    metadata: { labels: { app: crowd } }
    spec:
      containers:
${lines.join("\n")}
`;
  return {
    files: { [file]: text },
    selections: indexes.map((index) => ({ workload: "shop:deployment/crowd", container: `c${index}` })),
    handFile: () => file,
    handEdit: (turn, before) => before.replace(foreign(turn, "nobody"), foreign(turn, "by hand")),
    handLine: (turn) => foreign(turn, "by hand"),
    releaseLine: (index) => ({ file, line: line(index, newTag) }),
  };
}
