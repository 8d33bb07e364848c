import { setTimeout as wait } from "node:timers/promises";
import { SluiceError } from "../errors.ts";
import type { KubeObject } from "../model/kubernetes.ts";
import type { ApplyOptions, KubernetesClient } from "../model/ports/kubernetes.ts";

const lookEveryMs = 100;
const goneWithinMs = 30_000;

/** What API servers say of fields that stay as they were when the object was made, each kind in its own words. */
const immutable = /immutable|may not change fields|updates to \w+ spec for fields other than|cannot change roleRef/;

/** Whether a cluster refused to change an object because of what may not change, whatever else is said. */
export function isImmutable(error: unknown): boolean {
  return error instanceof SluiceError && error.facts.status === 422 && immutable.test(error.message);
}

/**
 * Deletes an object and makes it again, as it asks for. First the cluster is asked whether it would take the new one, so
 * that nothing is deleted for something that cannot be made. Should the agent die in between, the next round finds the
 * object missing and makes it.
 */
export async function replaceObject(
  client: KubernetesClient,
  object: KubeObject,
  options: ApplyOptions,
): Promise<KubeObject> {
  const { namespace, name } = object.metadata;
  const trial = { ...object, metadata: { ...object.metadata, name: `${name.slice(0, 50)}-sluice-trial` } };
  await client.apply(trial, { ...options, dryRun: true });
  const live = await client.get(object, namespace, name);
  if (live !== undefined) {
    await client.remove(object, namespace, name, { uid: live.metadata.uid });
    await untilGone(client, live);
  }
  return client.apply(object, options);
}

/** Nothing tells one object's end better than asking for it; a watch may be of another version of the kind. */
async function untilGone(client: KubernetesClient, live: KubeObject): Promise<void> {
  const { namespace, name, uid } = live.metadata;
  for (let waited = 0; waited < goneWithinMs; waited += lookEveryMs) {
    const found = await client.get(live, namespace, name);
    if (found === undefined || found.metadata.uid !== uid) return;
    await wait(lookEveryMs);
  }
  throw new SluiceError(
    "cluster_failed",
    `${live.kind} ${name} was deleted to be made again and is still there after ${goneWithinMs / 1_000} s; something holds it (a finalizer?), and it is made as soon as it is gone`,
    { status: 0, reason: "StillThere" },
  );
}
