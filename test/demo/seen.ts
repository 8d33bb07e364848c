import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseImage } from "../../src/model/image.ts";
import type { Promotion, Release } from "../../src/model/release.ts";
import type { CellView, MatrixView, PromotionView, WhyView } from "../../src/model/views.ts";
import { until } from "../support/until.ts";
import type { StartedTrial } from "./trial.ts";

const patience = 60_000;

/** Waits until every workload of every environment is good, as right after the start. */
export function settled(trial: StartedTrial): Promise<MatrixView> {
  return until(
    "every workload to be healthy",
    async () => {
      const matrix = await trial.get<MatrixView>("/api/v1/matrix");
      const cells = matrix.rows.flatMap((row) => Object.values(row.cells));
      const good = cells.filter((cell) => ["healthy", "applied"].includes(cell?.verdict.state ?? ""));
      return cells.length > 0 && good.length === cells.length && matrix;
    },
    patience,
  );
}

/** Waits until a workload's first container has a tag in an environment and is healthy with it. */
export function healthyWith(
  trial: StartedTrial,
  environment: string,
  workload: string,
  tag: string,
): Promise<CellView> {
  return until(
    `${workload} healthy with ${tag} in ${environment}`,
    async () => {
      const cell = await trial.cell(environment, workload);
      return cell?.containers[0]?.version?.tag === tag && cell.verdict.state === "healthy" && cell;
    },
    patience,
  );
}

/** Waits until a pod really runs a tag of a workload's first container. */
export function running(trial: StartedTrial, environment: string, workload: string, tag: string): Promise<CellView> {
  return until(
    `${tag} of ${workload} running in ${environment}`,
    async () => {
      const cell = await trial.cell(environment, workload);
      return cell?.containers[0]?.running.some(({ image }) => parseImage(image)?.tag === tag) && cell;
    },
    patience,
  );
}

/** Prints how long something took; nothing depends on it. */
export function tellSeconds(what: string, since: number): void {
  process.stdout.write(`${what}: ${((Date.now() - since) / 1_000).toFixed(2)} s\n`);
}

/** Builds a version with the trial's CI; answers its tag. */
export async function build(trial: StartedTrial, service: string, kind = "good"): Promise<string> {
  return (await trial.post<{ version: string }>("/api/v1/trial/build", { service, kind })).version;
}

/** The promotion that takes a tag of a workload to an environment, once there is one. */
export function promotionOf(
  trial: StartedTrial,
  environment: string,
  workload: string,
  tag: string,
): Promise<PromotionView> {
  return until(
    `a release of ${workload} ${tag} to ${environment}`,
    async () => {
      const { items } = await trial.get<{ items: readonly { promotion: Promotion; releases: readonly Release[] }[] }>(
        "/api/v1/promotions",
      );
      const found = items.find(({ releases }) =>
        releases.some(
          (release) =>
            release.environment === environment &&
            release.changes.some((change) => change.workload === workload && change.toVersion.tag === tag),
        ),
      );
      return found && trial.get<PromotionView>(`/api/v1/promotions/${found.promotion.id}`);
    },
    patience,
  );
}

/** Why a workload's containers are what they are in a place. */
export async function whyOf(trial: StartedTrial, place: string, workload: string): Promise<readonly WhyView[]> {
  return (await trial.get<{ answers: WhyView[] }>(`/api/v1/why?place=${place}&workload=${workload}`)).answers;
}

/** The tags the catalogue knows for a workload, whether its filter allows them or not. */
export async function knownTags(trial: StartedTrial, workload: string): Promise<readonly string[]> {
  const { containers } = await trial.get<{ containers: { images: { tag: string }[] }[] }>(
    `/api/v1/images?workload=${encodeURIComponent(workload)}`,
  );
  return containers.flatMap(({ images }) => images.map(({ tag }) => tag));
}

/** The Deployments a cluster of the trial holds: name and uid, past Sluice. */
export async function deploymentsIn(state: string, cluster: string): Promise<ReadonlyMap<string, string>> {
  const kubeconfig = JSON.parse(readFileSync(join(state, "world/clusters", cluster, "kubeconfig"), "utf8")) as {
    clusters: { cluster: { server: string } }[];
  };
  const answer = await fetch(`${kubeconfig.clusters[0]!.cluster.server}/apis/apps/v1/namespaces/shop/deployments`);
  const { items } = (await answer.json()) as { items: { metadata: { name: string; uid: string } }[] };
  return new Map(items.map(({ metadata }) => [metadata.name, metadata.uid]));
}
