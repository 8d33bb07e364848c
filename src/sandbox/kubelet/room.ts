import type { KubeObject } from "../../model/kubernetes.ts";

/** A node: CPU in thousandths, memory in bytes. */
export interface NodeRoom {
  readonly name: string;
  readonly cpu: number;
  readonly memory: number;
}
export interface Requests {
  readonly cpu: number;
  readonly memory: number;
}

/** What a pod asks for, all containers together. */
export function requestsOf(pod: KubeObject): Requests {
  const { containers } = pod.spec as { containers: { resources?: { requests?: { cpu?: string; memory?: string } } }[] };
  let cpu = 0;
  let memory = 0;
  for (const { resources } of containers) {
    cpu += quantity(resources?.requests?.cpu ?? "0") * 1_000;
    memory += quantity(resources?.requests?.memory ?? "0");
  }
  return { cpu, memory };
}

interface SelectorTerm {
  readonly matchFields?: readonly { readonly key: string; readonly values?: readonly string[] }[];
}
/** The nodes a pod admits: by `nodeSelector` on the host name, and by the affinity with which a DaemonSet names one. */
export function admitted<N extends { readonly name: string }>(pod: KubeObject, nodes: readonly N[]): readonly N[] {
  const spec = pod.spec as {
    nodeSelector?: Record<string, string>;
    affinity?: {
      nodeAffinity?: {
        requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms?: readonly SelectorTerm[] };
      };
    };
  };
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const fields = terms.flatMap((term) => term.matchFields ?? []).filter((field) => field.key === "metadata.name");
  const labels = Object.entries(spec.nodeSelector ?? {});
  return nodes.filter(
    (node) =>
      (fields.length === 0 || fields.some((field) => field.values?.includes(node.name))) &&
      labels.every(([key, value]) => nodeLabels(node.name)[key] === value),
  );
}
/** The labels a node of the trial carries: the ones every node has, also by the names that older manifests select by. */
export function nodeLabels(name: string): Record<string, string> {
  return {
    "kubernetes.io/hostname": name,
    "kubernetes.io/os": "linux",
    "kubernetes.io/arch": "amd64",
    "beta.kubernetes.io/os": "linux",
    "beta.kubernetes.io/arch": "amd64",
  };
}

/** The emptiest node that has room; undefined when none has. */
export function place(
  wanted: Requests,
  nodes: readonly NodeRoom[],
  placed: readonly (Requests & { node: string })[],
): string | undefined {
  let best: { name: string; free: number } | undefined;
  for (const node of nodes) {
    const here = placed.filter((entry) => entry.node === node.name);
    const cpu = node.cpu - here.reduce((sum, entry) => sum + entry.cpu, 0) - wanted.cpu;
    const memory = node.memory - here.reduce((sum, entry) => sum + entry.memory, 0) - wanted.memory;
    // Pods that ask for nothing are spread too.
    const free = cpu - 10 * here.length;
    if (cpu >= 0 && memory >= 0 && (best === undefined || free > best.free)) best = { name: node.name, free };
  }
  return best?.name;
}

const factors: Readonly<Record<string, number>> = {
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** A Kubernetes quantity as a number: `100m` is 0.1, `64Mi` is 67108864. */
function quantity(text: string | number): number {
  const match = /^([0-9.]+)([A-Za-z]*)$/.exec(String(text));
  return match === null ? 0 : Number(match[1]) * (factors[match[2]!] ?? 1);
}
