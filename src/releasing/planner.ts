import { LRUCache } from "lru-cache";
import type { Catalogue } from "../catalogue/catalogue.ts";
import { SluiceError } from "../errors.ts";
import type { EditOptions } from "../manifests/edit.ts";
import { type ImageRef, imageName, parseImage } from "../model/image.ts";
import { changesOf, type FilePreview, type Plan, type PlanItem } from "../model/plan.ts";
import type { Store } from "../model/ports/store.ts";
import type { EnvironmentReport } from "../model/report.ts";
import { type Source, showPlace, type Target } from "../model/source.ts";
import { containerKey } from "../model/workload.ts";
import { coversWorkload, environmentsOf, findStage } from "../pipelines/graph.ts";
import { fromEnvironments, fromRegistry, type SourceEnvironment } from "../planning/candidates.ts";
import { makePlan } from "../planning/plan.ts";
import type { Choice } from "../planning/selection.ts";
import type { Repositories } from "../repositories/repositories.ts";
import { editWhatCan, neighboursIn } from "./editable.ts";
import { holdsToWrite } from "./stops.ts";

export interface PlannerOptions {
  readonly repositories: Repositories;
  readonly catalogue: Catalogue;
  readonly store: Store;
  /** What an environment's agent last reported; undefined while it is away. */
  readonly reportOf: (environment: string) => EnvironmentReport | undefined;
}
export interface PlanRequest extends Omit<Choice, "image"> {
  readonly source: Source;
  readonly target: Target;
  /** One image with its tag, as somebody wrote it: moves every selected container that uses it, and no other. */
  readonly image?: string | undefined;
  readonly automatic: boolean;
}

/** One container's edit as it is tried before it is promised. */
interface PlannedEdit {
  readonly item: PlanItem;
  readonly workload: string;
  readonly container: string;
  readonly image: string;
}

/** The edits of one file. */
interface PlannedFile {
  readonly file: string;
  /** Tells the file's contents, the edits and how images are found from all others. */
  readonly key: string;
  readonly edits: readonly PlannedEdit[];
  readonly options: EditOptions;
  readonly read: () => Promise<string>;
}

/**
 * Gathers what a plan needs and makes one per environment of the target. The same for dry runs, people and automation.
 * What a plan would change has been tried: a container whose file cannot be edited in place is refused by itself.
 */
export class Planner {
  readonly #options: PlannerOptions;
  /** Refusals of edits tried before, by blob and edits: file contents never change, so neither does what came of it. */
  readonly #tried = new LRUCache<string, ReadonlyMap<string, string>>({ max: 5_000 });
  /** Files as edits leave them, by commit and edits: what stands beside a file may count, so the commit tells it apart. */
  readonly #previews = new LRUCache<string, FilePreview>({ maxSize: 32 * 1024 * 1024 });
  constructor(options: PlannerOptions) {
    this.#options = options;
  }

  /** Throws `not_found` for a place that does not exist, `bad_request` for an image that is none. */
  async plan(request: PlanRequest): Promise<Plan[]> {
    const { repositories } = this.#options;
    const { configuration } = repositories;
    const environments = environmentsOf(configuration, request.target);
    if (environments.length === 0)
      throw new SluiceError("not_found", `there is no ${request.target.kind} "${showPlace(request.target)}"`);
    const { selection, exclude, force } = request;
    const image = imageOf(request);
    const sources = await this.#sources(request.source);
    // What is under way before what was stopped before what is held: a release that ends in between is seen in one of them.
    const underWay = await this.#underWay();
    const stopped = await holdsToWrite(this.#options.store);
    const plans: Plan[] = [];
    for (const name of environments) {
      const tree = await repositories.tree(name);
      const environment = repositories.environment(name);
      const plan = makePlan({
        environment: name,
        commit: tree.commit,
        source: request.source,
        problems: tree.problems,
        workloads: [...tree.workloads.values()].filter((workload) => this.#covers(request.target, workload.id)),
        selection,
        exclude,
        image,
        force,
        candidate: (workload, slot) => {
          const key = { workload: workload.id, container: slot.container };
          if (sources !== undefined)
            return fromEnvironments(key, containerKey(key), sources, showPlace(request.source));
          const ref = parseImage(slot.image);
          return fromRegistry(workload, slot, ref && this.#options.catalogue.repository(imageName(ref)));
        },
        repository: (wanted) => this.#options.catalogue.repository(wanted),
        holds: [...stopped.filter((hold) => hold.environment === name), ...repositories.holdsOf(environment)],
        underWay: underWay.get(name) ?? new Map(),
        automatic: request.automatic,
      });
      plans.push(await this.#tryEdits(plan));
    }
    return plans;
  }

  /** The plan with those changes refused that cannot be written into their file. */
  async #tryEdits(plan: Plan): Promise<Plan> {
    const refusals = new Map<PlanItem, string>();
    for (const file of await this.#editsOf(plan)) {
      const refused = this.#tried.get(file.key) ?? (await this.#try(plan, file)).refused;
      for (const edit of file.edits) {
        const why = refused.get(containerKey(edit));
        if (why !== undefined) refusals.set(edit.item, why);
      }
    }
    if (refusals.size === 0) return plan;
    const items = plan.items.map((item): PlanItem => {
      const text = refusals.get(item);
      return text === undefined
        ? item
        : { ...item, status: "refused", reason: "not_editable", text, who: "whoever edits that file" };
    });
    return { ...plan, items };
  }

  /** What the plan would change in each file. */
  async preview(plan: Plan): Promise<FilePreview[]> {
    const previews: FilePreview[] = [];
    for (const file of await this.#editsOf(plan))
      previews.push(this.#previews.get(previewKey(plan, file)) ?? (await this.#try(plan, file)).preview);
    return previews;
  }

  async #try(
    plan: Plan,
    planned: PlannedFile,
  ): Promise<{ refused: ReadonlyMap<string, string>; preview: FilePreview }> {
    const { file, edits, options } = planned;
    const before = await planned.read();
    const { text, refused } = editWhatCan(file, before, edits, options);
    const reasons = new Map([...refused].map(([edit, why]) => [containerKey(edit), why]));
    const preview = { file, before, after: text };
    this.#tried.set(planned.key, reasons);
    this.#previews.set(previewKey(plan, planned), preview, { size: before.length + text.length + 500 });
    return { refused: reasons, preview };
  }

  /** The edits a plan stands for, file by file. */
  async #editsOf(plan: Plan): Promise<PlannedFile[]> {
    const byFile = Map.groupBy(changesOf(plan), (item) => item.file!);
    if (byFile.size === 0) return [];
    const { repositories } = this.#options;
    const tree = await repositories.tree(plan.environment, plan.commit);
    const environment = repositories.environment(plan.environment);
    const mirror = await repositories.mirrorOf(environment);
    const options = { rules: environment.images, neighbours: neighboursIn(tree) };
    const rules = JSON.stringify(options.rules);
    return [...byFile].map(([file, items]) => {
      const { blob } = tree.file(file)!;
      const edits = items.map((item) => ({
        item,
        workload: item.workload,
        container: item.container,
        image: item.to!,
      }));
      const wanted = edits.map(({ workload, container, image }) => [workload, container, image]);
      const key = `${rules} ${JSON.stringify([file, blob, wanted])}`;
      return { file, key, edits, options, read: () => mirror.read(blob) };
    });
  }

  #covers(target: Target, workload: string): boolean {
    if (target.kind === "environment") return true;
    const placed = findStage(this.#options.repositories.configuration, target.pipeline, target.stage);
    return placed !== undefined && coversWorkload(placed.pipeline, workload);
  }

  async #sources(source: Source): Promise<SourceEnvironment[] | undefined> {
    if (source.kind === "registry") return undefined;
    const { repositories, store, reportOf } = this.#options;
    const names = environmentsOf(repositories.configuration, source);
    if (names.length === 0) throw new SluiceError("not_found", `there is no ${source.kind} "${showPlace(source)}"`);
    const verifications = await store.verifications.latest(names);
    return Promise.all(
      names.map(async (environment) => {
        const report = reportOf(environment);
        const verdicts = new Map(report?.workloads.map((entry) => [entry.id, entry.verdict]));
        return {
          environment,
          workloads: (await repositories.tree(environment)).workloads,
          verifications: new Map(
            verifications
              .filter((entry) => entry.environment === environment)
              .map((entry) => [containerKey(entry), entry]),
          ),
          verdictOf: (workload: string) => verdicts.get(workload),
        };
      }),
    );
  }

  async #underWay(): Promise<Map<string, Map<string, string>>> {
    const found = new Map<string, Map<string, string>>();
    for (const release of await this.#options.store.promotions.active()) {
      const inside = found.get(release.environment) ?? new Map<string, string>();
      for (const change of release.changes)
        if (change.outcome.kind === "pending" || change.outcome.kind === "written")
          inside.set(containerKey(change), release.promotion);
      found.set(release.environment, inside);
    }
    return found;
  }
}

function previewKey(plan: Plan, { key }: PlannedFile): string {
  return `${plan.environment} ${plan.commit} ${key}`;
}

function imageOf({ image, source }: PlanRequest): ImageRef | undefined {
  if (image === undefined) return undefined;
  const ref = parseImage(image);
  if (ref?.tag === undefined)
    throw new SluiceError("bad_request", `"${image.slice(0, 200)}" is no image with a tag`, {
      help: "Write it whole, for example registry.example.org/shop/web:1.4.2",
    });
  if (source.kind !== "registry")
    throw new SluiceError("bad_request", `an image is taken from the registry, not from ${showPlace(source)}`, {
      help: "Leave the source out, or name workloads instead of an image.",
    });
  return ref;
}
