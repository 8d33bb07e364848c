import type { KubeObject } from "../../model/kubernetes.ts";
import type { FieldPath } from "../locate.ts";
import type { ImagePlace } from "../place.ts";
import { containerNameOf, partAt, valueAt } from "./fields.ts";
import { kustomizeImagesAt } from "./kustomize.ts";
import { byName, imagesInValues } from "./values.ts";
import { putTogether, type WrittenPart } from "./written.ts";

const values: FieldPath = ["spec", "values"];
/** Domains of the annotations that name an image's fields; of one written twice the first counts. */
const domains = ["sluice.dev", "fluxcd.io"] as const;

/** Images of a release of the Helm operator or of Flux v2: in its values, named by annotations, and in its post-renderers. */
export function helmReleaseImages(object: KubeObject): ImagePlace[] {
  const found = imagesInValues(object, values, "chart values");
  const seen = new Set(found.map(({ container }) => container));
  // As with Flux v1, an annotation that leads nowhere takes nothing away that is found without it.
  const named = annotatedImages(object).filter(({ container, parts }) => parts.length > 0 || !seen.has(container));
  const mapped = new Set(named.flatMap(({ parts }) => parts.map(({ path }) => path.join("\0"))));
  const aliases = new Set(named.map(({ container }) => container));
  const others = found.filter(
    ({ container, parts }) => !aliases.has(container) && !parts.some(({ path }) => mapped.has(path.join("\0"))),
  );
  return [...[...others, ...named].sort(byName), ...postRendered(object)];
}

/** `repository.fluxcd.io/<alias>: path` with `registry.` and `tag.` beside it; paths are dotted and start at the values. */
function annotatedImages(object: KubeObject): ImagePlace[] {
  const annotations: Readonly<Record<string, unknown>> = object.metadata.annotations ?? {};
  const aliases = Object.keys(annotations).flatMap(
    (key) => /^repository\.(?:sluice\.dev|fluxcd\.io)\/(.+)$/.exec(key)?.[1] ?? [],
  );
  return [...new Set(aliases)].sort().map((alias): ImagePlace => {
    const base = { container: containerNameOf(alias), init: false, shape: "chart values" as const };
    const written = (what: string) =>
      domains.map((domain) => annotations[`${what}.${domain}/${alias}`]).find((value) => typeof value === "string");
    const part = (what: string) => {
      const dotted = written(what);
      return dotted === undefined ? undefined : partAt(object, pathInValues(object, dotted));
    };
    const [name, registry, tag] = [part("repository"), part("registry"), part("tag")];
    const astray = ["repository", "registry", "tag"].find(
      (what) => written(what) !== undefined && (part(what) === undefined || (what === "repository" && !name?.text)),
    );
    if (name !== undefined && astray === undefined && !sameField(name, registry, tag))
      return { ...base, ...putTogether({ name, registry: registry?.text === "" ? undefined : registry, tag }) };
    const what = astray ?? "repository";
    const why = astray === undefined ? "which another annotation names too" : "and no text stands there in spec.values";
    const fixed = `the annotation ${what} of ${alias} says ${JSON.stringify(written(what))}, ${why}`;
    return { ...base, image: "", parts: [], fixed };
  });
}

/** Whether two of the parts stand in one field. */
function sameField(...parts: readonly (WrittenPart | undefined)[]): boolean {
  const paths = parts.flatMap((part) => (part === undefined ? [] : [part.path.join("\0")]));
  return new Set(paths).size < paths.length;
}

/** The path in the object that a dotted path means; places in lists are numbers. */
function pathInValues(object: KubeObject, dotted: string): FieldPath {
  const path = [...values];
  for (const step of dotted.split("."))
    path.push(Array.isArray(valueAt(object, path)) && /^\d+$/.test(step) ? Number(step) : step);
  return path;
}

function postRendered(object: KubeObject): ImagePlace[] {
  const renderers = valueAt(object, ["spec", "postRenderers"]);
  if (!Array.isArray(renderers)) return [];
  return renderers.flatMap((_, index) =>
    kustomizeImagesAt(object, ["spec", "postRenderers", index, "kustomize", "images"]),
  );
}
