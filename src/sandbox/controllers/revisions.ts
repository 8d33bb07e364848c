import type { KubeObject } from "../../model/kubernetes.ts";
import { type Action, kinds } from "./controller.ts";
import { canonical, controllerReference, type PodTemplate, shortHash } from "./shapes.ts";

/** The label of a pod that names the revision of the template it was made from. */
export const revisionLabel = "controller-revision-hash";

export type FoundRevision =
  | { readonly revision: KubeObject; readonly action?: undefined }
  /** The revision has to be written first. */
  | { readonly revision?: undefined; readonly action: Action };

/** The ControllerRevision that holds a template, the newest of them; or what to write so that there is one. */
export function revisionFor(owner: KubeObject, template: PodTemplate, revisions: readonly KubeObject[]): FoundRevision {
  const highest = Math.max(0, ...revisions.map(numberOf));
  const text = canonical(template);
  const known = revisions.find((revision) => canonical(templateOf(revision)) === text);
  if (known !== undefined && numberOf(known) === highest) return { revision: known };
  if (known !== undefined)
    return {
      action: { do: "update", object: { ...known, revision: highest + 1 } },
    };
  const hash = shortHash(template);
  const { name, namespace } = owner.metadata;
  const object: KubeObject = {
    ...kinds.controllerRevision,
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...template.metadata?.labels, [revisionLabel]: hash },
      ownerReferences: [controllerReference(owner)],
    },
    data: { spec: { template: { ...template, $patch: "replace" } } },
    revision: highest + 1,
  };
  return { action: { do: "create", object } };
}

/** The template a revision keeps. */
export function templateOf(revision: KubeObject): PodTemplate {
  const { $patch: _, ...template } = (revision.data as { spec: { template: PodTemplate & { $patch?: string } } }).spec
    .template;
  return template;
}
function numberOf(revision: KubeObject): number {
  return typeof revision.revision === "number" ? revision.revision : 0;
}
