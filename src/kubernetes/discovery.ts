import type { ApiResource } from "../model/ports/kubernetes.ts";
import type { Transport } from "./transport.ts";

interface ResourceList {
  readonly groupVersion: string;
  readonly resources?: readonly { name: string; kind: string; namespaced: boolean; verbs: string[] }[];
}

/** What a server serves, as far as it answered. */
export interface Discovery {
  readonly resources: readonly ApiResource[];
  /** Versions whose kinds could not be read, such as those of an aggregated server that is down. */
  readonly missing: readonly string[];
}

/** All kinds of all served versions. A group whose own server is down is left out, as kubectl does, but named. */
export async function discover(transport: Transport): Promise<Discovery> {
  const { groups } = await transport.call<{ groups?: { versions: { groupVersion: string }[] }[] }>("GET", "/apis");
  const versions = ["v1", ...(groups ?? []).flatMap((group) => group.versions.map((version) => version.groupVersion))];
  const lists = await Promise.all(
    versions.map((version) =>
      transport
        .call<ResourceList>("GET", version.includes("/") ? `/apis/${version}` : `/api/${version}`)
        .catch(() => undefined),
    ),
  );
  const resources = lists.flatMap((list, index) =>
    (list?.resources ?? [])
      .filter((entry) => !entry.name.includes("/"))
      .map((entry) => ({
        apiVersion: versions[index]!,
        kind: entry.kind,
        plural: entry.name,
        namespaced: entry.namespaced,
        verbs: entry.verbs,
      })),
  );
  return { resources, missing: versions.filter((_, index) => lists[index] === undefined) };
}
