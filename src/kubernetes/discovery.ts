import type { ApiResource } from "../model/ports/kubernetes.ts";
import type { Transport } from "./transport.ts";

interface ResourceList {
  readonly groupVersion: string;
  readonly resources?: readonly { name: string; kind: string; namespaced: boolean; verbs: string[] }[];
}

/** All kinds of all served versions. A group whose own server is down is left out, as kubectl does. */
export async function discover(transport: Transport): Promise<readonly ApiResource[]> {
  const { groups } = await transport.call<{ groups?: { versions: { groupVersion: string }[] }[] }>("GET", "/apis");
  const versions = ["v1", ...(groups ?? []).flatMap((group) => group.versions.map((version) => version.groupVersion))];
  const lists = await Promise.all(
    versions.map((version) =>
      transport
        .call<ResourceList>("GET", version.includes("/") ? `/apis/${version}` : `/api/${version}`)
        .catch(() => undefined),
    ),
  );
  return lists.flatMap((list, index) =>
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
}
