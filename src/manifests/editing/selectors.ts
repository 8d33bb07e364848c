import type { KubeObject } from "../../model/kubernetes.ts";
import { type Fields, isFields } from "../places/fields.ts";

/** What selectors of an object look for: labels with their values, and keys whatever they hold. */
interface Selected {
  readonly labels: readonly Fields[];
  readonly keys: ReadonlySet<string>;
}

/** What the selectors of one file's objects look for. Looks into an object only when it is asked, and once. */
export class FileSelectors {
  readonly #objects: readonly KubeObject[];
  readonly #known = new Map<KubeObject, Selected>();

  constructor(objects: readonly KubeObject[]) {
    this.#objects = objects;
  }

  /**
   * Whether a selector looks for a label: any of the object's own, or one of a neighbour's that matches the labels the
   * object has now (a Service, a disruption budget, a subset of a mesh; what makes pods itself selects its own).
   */
  lookFor(key: string, object: KubeObject, labels: readonly Fields[]): boolean {
    const own = this.#of(object);
    if (own.keys.has(key) || own.labels.some((wanted) => Object.hasOwn(wanted, key))) return true;
    const matches = (wanted: Fields) =>
      Object.hasOwn(wanted, key) &&
      labels.some((mine) => Object.entries(wanted).every(([name, value]) => mine[name] === value));
    return this.#objects.some(
      (other) =>
        other !== object && sameNamespace(other, object) && !makesPods(other) && this.#of(other).labels.some(matches),
    );
  }

  #of(object: KubeObject): Selected {
    const known = this.#known.get(object) ?? selectorsOf(object);
    this.#known.set(object, known);
    return known;
  }
}

function sameNamespace(a: KubeObject, b: KubeObject): boolean {
  return (a.metadata.namespace ?? "default") === (b.metadata.namespace ?? "default");
}

function makesPods({ spec }: KubeObject): boolean {
  return isFields(spec) && (isFields(spec.template) || isFields(spec.jobTemplate));
}

/** All selectors inside an object; that of nodes looks for other things than pods. */
function selectorsOf(object: KubeObject): Selected {
  const labels: Fields[] = [];
  const keys = new Set<string>();
  const take = (wanted: unknown): void => {
    if (isFields(wanted)) labels.push(wanted);
  };
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(walk);
    if (!isFields(value)) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === "matchLabels" || (/selector$/i.test(key) && key !== "nodeSelector")) take(inner);
      if (Array.isArray(inner)) for (const entry of inner) takeFrom(key, entry);
      walk(inner);
    }
  };
  const takeFrom = (list: string, entry: unknown): void => {
    if (list === "matchLabelKeys") keys.add(String(entry));
    if (list === "matchExpressions" && isFields(entry)) keys.add(String(entry.key));
    if (list === "subsets" && isFields(entry)) take(entry.labels);
  };
  walk(object);
  return { labels, keys };
}
