import { labelCreated, labelRevision, labelSource, labelVersion } from "../../model/catalogue.ts";
import { behaviourLabel } from "../kubelet/behaviour.ts";
import { pushImage } from "../registry/push.ts";

/** One image made from one commit. */
export interface Build {
  /** Path of the source repository and of the image in the registry: `shop/catalogue`. */
  readonly repository: string;
  readonly commit: string;
  readonly version: string;
}
export interface BuildOrder extends Build {
  /** Registry address. */
  readonly registry: string;
  /** Address the source can be cloned from. */
  readonly source: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** How containers of the image behave; see the kubelet's behaviour. */
  readonly behaviour?: string;
}

/** Pushes the image of a commit with the labels that lead from the image back to its source. */
export async function pushBuild(order: BuildOrder): Promise<void> {
  await pushImage({
    registry: order.registry,
    repository: order.repository,
    tag: order.version,
    createdAt: order.at,
    labels: {
      [labelSource]: order.source,
      [labelRevision]: order.commit,
      [labelVersion]: order.version,
      [labelCreated]: new Date(order.at).toISOString(),
      ...(order.behaviour === undefined || order.behaviour === "" ? {} : { [behaviourLabel]: order.behaviour }),
    },
  });
}
