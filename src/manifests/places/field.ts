import type { ImageRules } from "../../model/documents.ts";
import { groupKind, type KubeObject } from "../../model/kubernetes.ts";
import type { FieldPath } from "../locate.ts";
import type { ImagePlace } from "../place.ts";
import { containerNameOf, filledPartAt, isFields, partAt, valueAt } from "./fields.ts";
import { putTogether, type WrittenImage } from "./written.ts";

type FieldRule = ImageRules["fields"][number];
/** One step of a configured path: to a key or a place in a list, or to every item of it. */
type Step = { readonly to: string | number } | "every item";

/** Images at the fields that an environment's document names for the object's kind. A field that is not there holds none. */
export function configuredImages(object: KubeObject, rules: readonly FieldRule[]): ImagePlace[] {
  const kind = groupKind(object);
  return rules
    .filter((rule) => rule.kind === kind)
    .flatMap((rule) =>
      pathsOf(object, stepsOf(rule.path)).flatMap((path): ImagePlace[] => {
        const written = writtenAt(object, path);
        if (written === undefined) return [];
        const container = containerNameOf(rule.container ?? nameAt(object, path));
        return [{ container, init: false, shape: "field", ...putTogether(written) }];
      }),
    );
}

/** `spec.parts[*].image` as steps; `["a.b"]` is a key with signs of its own. */
function stepsOf(path: string): Step[] {
  return [...path.matchAll(/\[\*\]|\[(\d+)\]|\["([^"]+)"\]|([^.[\]]+)/g)].map(([whole, place, quoted, key]) =>
    whole === "[*]" ? "every item" : { to: place === undefined ? (quoted ?? key!) : Number(place) },
  );
}

/** The paths that steps mean in an object, one for each item of a list that is meant as a whole. */
function pathsOf(object: KubeObject, steps: readonly Step[]): FieldPath[] {
  return steps.reduce<FieldPath[]>(
    (paths, step) =>
      paths.flatMap((path) => {
        if (step !== "every item") return [[...path, step.to]];
        const list = valueAt(object, path);
        return Array.isArray(list) ? list.map((_, index) => [...path, index]) : [];
      }),
    [[]],
  );
}

/** A reference as text, or a mapping with `repository` (or `name`), `tag` and the like. */
function writtenAt(object: KubeObject, path: FieldPath): WrittenImage | undefined {
  const value = valueAt(object, path);
  if (typeof value === "string") return value === "" ? undefined : { name: { path, text: value } };
  if (!isFields(value)) return undefined;
  const part = (key: string) => filledPartAt(object, [...path, key]);
  const name = part("repository") ?? part("name") ?? part("image");
  if (name === undefined) return undefined;
  return { name, registry: part("registry"), tag: partAt(object, [...path, "tag"]), digest: part("digest") };
}

/** What stands as `name` beside the field, or the last key of its path. */
function nameAt(object: KubeObject, path: FieldPath): string {
  const beside = valueAt(object, [...path.slice(0, -1), "name"]);
  if (typeof beside === "string" && beside !== "") return beside;
  return String(path.findLast((step) => typeof step === "string") ?? path.at(-1));
}
