import type { KubeObject } from "../../model/kubernetes.ts";
import { type Fields, isFields } from "../places/fields.ts";

/** What selectors of an object look for: labels with their values, and keys whatever they hold. */
interface Selected {
  readonly labels: readonly Fields[];
  readonly keys: ReadonlySet<string>;
}

/** Objects are read once for many commits, and looked into once. */
const known = new WeakMap<KubeObject, Selected>();

/** What selectors look for among the objects of a file and its neighbours. Looks only when it is asked. */
export class Selectors {
  readonly #objects: () => Iterable<KubeObject>;

  constructor(objects: () => Iterable<KubeObject>) {
    this.#objects = objects;
  }

  /**
   * Whether a selector looks for a label: any of the object's own, or one of a neighbour's that matches the labels the
   * object has now (a Service, a disruption budget, a subset of a mesh; what makes pods itself selects its own).
   */
  lookFor(key: string, object: KubeObject, labels: readonly Fields[]): boolean {
    const own = selectorsIn(object);
    if (own.keys.has(key) || own.labels.some((wanted) => Object.hasOwn(wanted, key))) return true;
    const matches = (wanted: Fields) =>
      Object.hasOwn(wanted, key) &&
      labels.some((mine) => Object.entries(wanted).every(([name, value]) => mine[name] === value));
    for (const other of this.#objects())
      if (other !== object && sameNamespace(other, object) && !makesPods(other))
        if (selectorsIn(other).labels.some(matches)) return true;
    return false;
  }
}

function selectorsIn(object: KubeObject): Selected {
  const selected = known.get(object) ?? selectorsOf(object);
  known.set(object, selected);
  return selected;
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
