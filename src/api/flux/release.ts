import { SluiceError } from "../../errors.ts";
import type { CallOrigin } from "../../model/event.ts";
import type { FluxResult } from "../../model/flux.ts";
import { imageName, parseImage } from "../../model/image.ts";
import { changesOf, type Plan } from "../../model/plan.ts";
import type { Actor } from "../../model/source.ts";
import { fluxFailure, fluxResult } from "../../planning/fluxResult.ts";
import type { Selection } from "../../planning/selection.ts";
import type { PlanRequest } from "../../releasing/planner.ts";
import type { ApiContext } from "../context.ts";
import { workloadNames } from "../names.ts";
import { planByHand, refusalOf, refuseSilentForce } from "../promotionRequest.ts";
import { allWorkloads, type FluxContainersSpec, type FluxImageSpec, newestImages } from "./codec.ts";
import { keepJob, keepResult } from "./jobs.ts";

/** A release that somebody asks for in Flux's words. */
export interface ReleaseRequest<Spec> {
  readonly environment: string;
  readonly by: Actor;
  readonly message: string;
  readonly spec: Spec;
  readonly request: CallOrigin;
}
type Wanted = Omit<PlanRequest, "source" | "target" | "automatic">;

/** Releases an image, or the newest of every image, to workloads; answers the id of the job. */
export async function releaseImages(context: ApiContext, wanted: ReleaseRequest<FluxImageSpec>): Promise<string> {
  const { spec, environment } = wanted;
  const idOf = await workloadNames(context, { kind: "environment", environment });
  const all = spec.ServiceSpecs.includes(allWorkloads);
  if (!all && spec.ServiceSpecs.length === 0) throw nothingNamed();
  return release(context, wanted, spec.Kind === "plan", {
    selection: all ? undefined : spec.ServiceSpecs.map((id) => ({ workload: idOf(id) })),
    exclude: spec.Excludes.map(idOf),
    ...(spec.ImageSpec === newestImages ? {} : { image: spec.ImageSpec }),
    force: spec.Force,
  });
}

/** Releases single containers, as somebody picked them from a dry run; answers the id of the job. */
export async function releaseContainers(
  context: ApiContext,
  wanted: ReleaseRequest<FluxContainersSpec>,
): Promise<string> {
  const { spec, environment } = wanted;
  const idOf = await workloadNames(context, { kind: "environment", environment });
  const selection = Object.entries(spec.ContainerSpecs).flatMap(([id, containers]) =>
    containers.map((entry): Selection => {
      const workload = idOf(id);
      const tag = tagOf(context, entry.Current, entry.Target);
      return {
        workload,
        container: entry.Container,
        tag,
        ...(entry.Current === "" ? {} : { from: entry.Current }),
        ...(spec.SkipMismatches ? { skipMismatch: true } : {}),
      };
    }),
  );
  if (selection.length === 0) return keepJob(context, { Err: "no changes found", StatusString: "failed" });
  return release(context, wanted, spec.Kind === "plan", { selection, force: spec.Force });
}

/** The tag a container is to get. Another image is refused: that is a change of the manifest, not a release. */
function tagOf(context: ApiContext, current: string, target: string): string {
  const [from, to] = [parseImage(current), parseImage(target)];
  if (to === undefined)
    throw new SluiceError("refused", `"${target.slice(0, 200)}" is no image.`, {
      help: "Write it whole, with its tag.",
    });
  if (from !== undefined && imageName(from) !== imageName(to))
    throw new SluiceError("refused", `${target} is another image than ${current}.`, {
      help: "A release changes versions. Change the image itself in the manifest.",
    });
  if (to.tag !== undefined) return to.tag;
  const known = context.catalogue.repository(imageName(to))?.images.find((image) => image.digest === to.digest);
  if (known !== undefined) return known.tag;
  throw new SluiceError("refused", `No tag of ${imageName(to)} is known to be ${target.slice(0, 200)}.`, {
    help: "Name the tag.",
  });
}

async function release(
  context: ApiContext,
  { environment, by, message, request }: Omit<ReleaseRequest<unknown>, "spec">,
  dryRun: boolean,
  wanted: Wanted,
): Promise<string> {
  const source = { kind: "registry" } as const;
  const target = { kind: "environment", environment } as const;
  const planRequest = { source, target, ...wanted };
  const plans = await planByHand(context, planRequest);
  const plan = plans[0]!;
  const tree = await context.repositories.tree(environment, plan.commit);
  const result = readable(fluxResult(plan, planRequest, tree.workloads.values()));
  const failed = unsatisfied(result, wanted) ?? (dryRun ? undefined : impossible(plan, wanted));
  if (failed !== undefined) return keepJob(context, { Result: { result }, Err: failed, StatusString: "failed" });
  if (dryRun || changesOf(plan).length === 0)
    return keepJob(context, { Result: { result }, Err: "", StatusString: "succeeded" });
  refuseSilentForce(plans, message);
  const promotion = await context.promotions.create({ source, target, by, message, plans, request });
  await keepResult(context, promotion.id, result);
  return promotion.id;
}

/** Containers that were picked go together or not at all, as Flux has it. */
function unsatisfied(result: FluxResult, { selection }: Wanted): string | undefined {
  if (selection?.some((entry) => entry.container !== undefined) !== true) return undefined;
  const failure = fluxFailure(result);
  const failed = Object.entries(result).filter(([, { Status }]) => Status === "failed");
  if (failure === undefined || failed.length === 0) return failure;
  return `${failure}: ${failed.map(([id, { Error: reason }]) => `${id}: ${reason ?? "failed"}`).join("; ")}`;
}

/** What somebody named and a rule forbids is a refusal, not a silent skip. */
function impossible(plan: Plan, { selection }: Wanted): string | undefined {
  const refused = selection && refusalOf([plan])?.item;
  if (refused === undefined) return undefined;
  const text = refused.text ?? refused.status;
  const whole = text.startsWith(refused.workload) ? text : `${refused.workload}: ${text}`;
  return refused.who === undefined ? whole : `${whole}; ${refused.who} can lift it`;
}

/** fluxctl cannot read an answer in which an image is none. */
function readable(result: FluxResult): FluxResult {
  return Object.fromEntries(
    Object.entries(result).map(([id, entry]) => [
      id,
      {
        ...entry,
        PerContainer:
          entry.PerContainer?.filter(
            ({ Current, Target }) => parseImage(Current) !== undefined && parseImage(Target) !== undefined,
          ) ?? null,
      },
    ]),
  );
}

function nothingNamed(): SluiceError {
  return new SluiceError("refused", "No workload is named.", {
    help: "Name workloads with --workload, or take all with --all.",
  });
}
