import { messageOf, SluiceError } from "../../errors.ts";
import type { AgentState } from "../../hub/hub.ts";
import type { ManifestObject } from "../../manifests/read.ts";
import type { FluxContainer, FluxImage, FluxRollout, FluxWorkload } from "../../model/flux.ts";
import { parseImage } from "../../model/image.ts";
import type { WorkloadReport } from "../../model/report.ts";
import type { Verdict } from "../../model/verdict.ts";
import { parseWorkloadId, type Workload, type WorkloadPolicy } from "../../model/workload.ts";
import type { EnvironmentTree } from "../../repositories/trees.ts";
import type { ApiContext } from "../context.ts";
import { verdictsOf } from "../views/matrix.ts";

/** Which workloads are asked for: all (`namespace` empty), those of a namespace, or those named. */
export interface Wanted {
  readonly namespace: string;
  readonly services: readonly string[];
}
/** A workload as Git and as the cluster have it; one of the two may not. */
export interface KnownWorkload {
  readonly id: string;
  readonly git: Workload | undefined;
  readonly live: WorkloadReport | undefined;
}
/** What is known of an environment: Git's side may be unreadable at the moment. */
export interface KnownEnvironment {
  readonly name: string;
  readonly tree: EnvironmentTree | undefined;
  readonly agent: AgentState;
  readonly workloads: readonly KnownWorkload[];
}

/** Every workload that Git or the cluster knows, by id. Throws when Git cannot be read and nothing was reported. */
export async function knownEnvironment(context: ApiContext, name: string, wanted: Wanted): Promise<KnownEnvironment> {
  if (wanted.namespace !== "" && wanted.services.length > 0)
    throw new SluiceError("refused", "cannot filter by 'namespace' and 'workloads' at the same time", {
      help: "Give a namespace, or name workloads.",
    });
  const agent = context.hub.state(name);
  const tree = await context.repositories.tree(name).catch((error: unknown) => {
    if (agent.report === undefined) throw error;
    context.log.warn("Git cannot be read for a list of workloads", { name, problem: messageOf(error) });
    return undefined;
  });
  const live = new Map(agent.report?.workloads.map((entry) => [entry.id, entry]));
  const only = new Set(wanted.services);
  const ids = [...new Set([...(tree?.workloads.keys() ?? []), ...live.keys()])].sort().filter((id) => {
    const parts = parseWorkloadId(id);
    // An id that fluxctl cannot read would cost it the whole answer.
    if (parts === undefined) return false;
    return only.size > 0 ? only.has(id) : wanted.namespace === "" || parts.namespace === wanted.namespace;
  });
  const workloads = ids.map((id) => ({ id, git: tree?.workloads.get(id), live: live.get(id) }));
  return { name, tree, agent, workloads };
}

/** The workloads of an environment with what runs, how it does, and their policies. */
export async function fluxWorkloads(context: ApiContext, name: string, wanted: Wanted): Promise<FluxWorkload[]> {
  const known = await knownEnvironment(context, name, wanted);
  const problems = new Map(
    known.agent.report?.problems.flatMap(({ object, message }) => (object === undefined ? [] : [[object, message]])),
  );
  return known.workloads.map((workload) => fluxWorkload(known, workload, problems.get(workload.id) ?? ""));
}

const noPolicy: WorkloadPolicy = { automated: false, ignored: false, tags: {}, written: {} };

function fluxWorkload(known: KnownEnvironment, { id, git, live }: KnownWorkload, syncError: string): FluxWorkload {
  const policy = git?.policy ?? noPolicy;
  const verdict = verdictOf(known, git, live);
  return {
    ID: id,
    Containers: containerNames({ id, git, live }).map(
      (container): FluxContainer => ({
        Name: container,
        Current: imageOf(currentImage({ id, git, live }, container)),
        LatestFiltered: noImage,
      }),
    ),
    ReadOnly: git !== undefined ? "" : known.tree === undefined ? "NotReady" : "NotInRepo",
    Status: statusOf(verdict, git, live),
    Rollout: rolloutOf(verdict, live),
    SyncError: syncError,
    Antecedent: "",
    Labels: sorted(labelsOf(known.tree, git)),
    Automated: policy.automated,
    Locked: policy.locked !== undefined,
    Ignore: policy.ignored,
    Policies: sorted(policy.written),
  };
}

function verdictOf(known: KnownEnvironment, git: Workload | undefined, live: WorkloadReport | undefined): Verdict {
  if (git === undefined && live !== undefined && known.agent.connected) return live.verdict;
  const problem = known.agent.report?.problems.find((entry) => entry.object === git?.id);
  return verdictsOf(known.agent, live, git ?? { containers: [], id: live?.id ?? "" }, problem).verdict;
}

/** Names of the containers, Git's order first. */
export function containerNames({ git, live }: KnownWorkload): string[] {
  const names = [...(git?.containers ?? []), ...(live?.containers ?? [])].map((entry) => entry.container);
  return [...new Set(names)];
}
/** The reference the live object names; Git's where nothing is reported. */
export function currentImage({ git, live }: KnownWorkload, container: string): string {
  const reported = live?.containers.find((entry) => entry.container === container);
  return reported?.image ?? git?.containers.find((entry) => entry.container === container)?.image ?? "";
}

export const noImage: FluxImage = { ID: "", Labels: {} };

/** A reference that Flux's clients can read; an image that is none shows as blank. */
export function imageOf(text: string): FluxImage {
  return parseImage(text) === undefined ? noImage : { ID: text, Labels: {} };
}

/** Flux's word for a verdict. Nobody is `ready` while the agent is away or before Git's version is applied. */
function statusOf(
  verdict: Verdict,
  git: Workload | undefined,
  live: WorkloadReport | undefined,
): FluxWorkload["Status"] {
  switch (verdict.state) {
    case "healthy":
    case "applied":
      return "ready";
    case "failed":
    case "missing":
      return "error";
    case "unknown":
      return "unknown";
    case "rolling out": {
      const images = new Map(live?.containers.map((entry) => [entry.container, entry.image]));
      const applied = git?.containers.every((slot) => images.get(slot.container) === slot.image) ?? true;
      return applied ? "updating" : "started";
    }
  }
}

function rolloutOf(verdict: Verdict, live: WorkloadReport | undefined): FluxRollout {
  const pods = live?.containers[0]?.running.reduce((sum, entry) => sum + entry.pods, 0) ?? 0;
  const { desired, updated, ready, available } = verdict;
  const stuck = verdict.state === "failed" || verdict.state === "missing";
  const evidence = verdict.evidence.map((entry) => `${entry.object}: ${entry.reason}: ${entry.message}`);
  return {
    Desired: desired,
    Updated: updated,
    Ready: ready,
    Available: available,
    Outdated: Math.max(0, pods - updated),
    Messages: stuck ? [verdict.message, ...evidence] : null,
  };
}

/** The labels that Git gives a workload. */
function labelsOf(tree: EnvironmentTree | undefined, git: Workload | undefined): Readonly<Record<string, unknown>> {
  const read = git && tree?.file(git.file)?.result;
  if (read === undefined || !read.ok) return {};
  const same = ({ object }: ManifestObject) => object.kind === git?.kind && object.metadata.name === git.name;
  return read.file.objects.find((entry) => entry.line === git?.line && same(entry))?.object.metadata.labels ?? {};
}

/** In the order in which Go writes a map; what is no text would cost the whole answer. */
function sorted(map: Readonly<Record<string, unknown>>): Record<string, string> {
  const texts = Object.entries(map).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return Object.fromEntries(texts.sort(([a], [b]) => (a < b ? -1 : 1)));
}
