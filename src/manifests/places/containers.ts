import type { KubeObject } from "../../model/kubernetes.ts";
import type { FieldPath } from "../locate.ts";
import type { ImagePlace } from "../place.ts";
import { valueAt } from "./fields.ts";

/** What the API server takes for a container's name, and a little more; other names never run and are passed over. */
const containerName = /^[A-Za-z0-9_.-]+$/;

/** What a kind calls a container that has no name of its own: its place in the list, and how many there are. */
export type Nameless = (index: number, of: number) => string;

/** Reads the pod spec at a path: init containers first, then containers, then volumes made of images, in the order written. */
export function containersAt(base: FieldPath, nameless?: Nameless): (object: KubeObject) => ImagePlace[] {
  return (object) => {
    const spec = valueAt(object, base);
    const containers = (["initContainers", "containers"] as const).flatMap((list) => {
      const written = valueAt(spec, [list]);
      if (!Array.isArray(written)) return [];
      return written.flatMap((container: unknown, index): ImagePlace[] => {
        const name = valueAt(container, ["name"]) ?? nameless?.(index, written.length);
        const image = valueAt(container, ["image"]);
        if (typeof name !== "string" || !containerName.test(name) || typeof image !== "string") return [];
        const path = [...base, list, index, "image"];
        const init = list === "initContainers";
        return [{ container: name, image, init, shape: "container", parts: [{ path, holds: "reference" }] }];
      });
    });
    return [...containers, ...imageVolumes(spec, base)];
  };
}

/** Volumes that are an image's files (`image: {reference}`), each called as the volume. */
function imageVolumes(spec: unknown, base: FieldPath): ImagePlace[] {
  const volumes = valueAt(spec, ["volumes"]);
  if (!Array.isArray(volumes)) return [];
  return volumes.flatMap((volume: unknown, index): ImagePlace[] => {
    const name = valueAt(volume, ["name"]);
    const image = valueAt(volume, ["image", "reference"]);
    if (typeof name !== "string" || !containerName.test(name) || typeof image !== "string") return [];
    const path = [...base, "volumes", index, "image", "reference"];
    return [{ container: name, image, init: false, shape: "container", parts: [{ path, holds: "reference" }] }];
  });
}
