import { dump } from "js-yaml";
import type { KubeObject } from "../model/kubernetes.ts";

/** One YAML document of an object, begun by `---`; kubectl reads from it exactly the object. */
export function writeManifest(object: KubeObject): string {
  return `---\n${dump(object, { lineWidth: -1, noRefs: true })}`;
}
