import type { KubeObject } from "../../model/kubernetes.ts";
import { type Fields, isFields } from "../places/fields.ts";

/** One selector: labels with their values, and expressions about labels. What it selects fulfils all of them. */
interface Selector {
  readonly labels: Fields;
  readonly expressions: readonly Fields[];
}
/** What an object looks for. */
interface Selected {
  readonly selectors: readonly Selector[];
  /** What makes pods selects its own by these, and no others. */
  readonly ofItsOwn: readonly Selector[];
  /** Selectors written as one text (`app == 'cart' && version == 'v1'`). */
  readonly texts: readonly string[];
  /** Labels that it compares, whatever they hold. */
  readonly keys: ReadonlySet<string>;
  /** Whether it names namespaces to look in. */
  readonly anyNamespace: boolean;
}

/** A label that would go from one value to another. */
export interface LabelChange {
  readonly key: string;
  readonly from: string;
  readonly to: string | undefined;
}

/** Objects are read once for many commits, and looked into once. */
const known = new WeakMap<KubeObject, Selected>();

/** What selectors look for among the objects of a file and its neighbours. Looks only when it is asked. */
export class Selectors {
  readonly #objects: () => Iterable<KubeObject>;
  /** The objects that look for a label, whatever its value, by its key. */
  readonly #looking = new Map<string, readonly KubeObject[]>();

  constructor(objects: () => Iterable<KubeObject>) {
    this.#objects = objects;
  }

  /**
   * Whether a selector looks for a label: any of the object's own, or one of another object's that finds these labels
   * as they are or could find them once they have followed (a Service, a policy, a subset of a mesh, an affinity; but
   * not that by which a workload knows its own pods).
   */
  lookFor(change: LabelChange, object: KubeObject, labels: readonly Fields[]): boolean {
    const own = selectedBy(object);
    if (own.keys.has(change.key) || own.texts.some((text) => text.includes(change.key))) return true;
    if ([...own.selectors, ...own.ofItsOwn].some((selector) => mentions(selector, change.key))) return true;
    return this.#lookingFor(change.key).some((other) => other !== object && finds(other, change, object, labels));
  }

  #lookingFor(key: string): readonly KubeObject[] {
    const looking =
      this.#looking.get(key) ?? [...this.#objects()].filter((object) => looksFor(selectedBy(object), key));
    this.#looking.set(key, looking);
    return looking;
  }
}

function looksFor({ selectors, texts }: Selected, key: string): boolean {
  return selectors.some((selector) => mentions(selector, key)) || texts.some((text) => text.includes(key));
}

function finds(other: KubeObject, change: LabelChange, object: KubeObject, labels: readonly Fields[]): boolean {
  const { selectors, texts, anyNamespace } = selectedBy(other);
  const { namespace } = other.metadata;
  // What has no namespace may stand for the whole cluster.
  if (!anyNamespace && namespace != null && namespace !== (object.metadata.namespace ?? "default")) return false;
  const values = [change.from, ...(change.to === undefined ? [] : [change.to])];
  return (
    texts.some((text) => text.includes(change.key) && values.some((value) => text.includes(value))) ||
    selectors.some((selector) => mentions(selector, change.key) && labels.some((mine) => fits(selector, mine, values)))
  );
}

function mentions({ labels, expressions }: Selector, key: string): boolean {
  return Object.hasOwn(labels, key) || expressions.some((expression) => expression.key === key);
}

/** Whether labels are, or could be, what a selector wants; those that have the first of the values may come to have the others. */
function fits({ labels, expressions }: Selector, mine: Fields, values: readonly string[]): boolean {
  const mayHold = (key: string): readonly unknown[] => (mine[key] === values[0] ? values : [mine[key]]);
  return (
    Object.entries(labels).every(([key, value]) => mayHold(key).includes(value)) &&
    expressions.every(({ key, operator, values: listed }) => {
      const held = mayHold(String(key));
      if (operator === "Exists") return held[0] !== undefined;
      if (operator === "DoesNotExist") return held[0] === undefined;
      const isListed = (value: unknown) => Array.isArray(listed) && listed.includes(value);
      return operator === "In" ? held.some(isListed) : !held.every(isListed);
    })
  );
}

function selectedBy(object: KubeObject): Selected {
  const selected = known.get(object) ?? look(object);
  known.set(object, selected);
  return selected;
}

/** What holds no selectors, and much else. */
const passedOver = new Set(["nodeSelector", "containers", "initContainers", "volumes", "data", "binaryData"]);

function look(object: KubeObject): Selected {
  const selectors: Selector[] = [];
  const ofItsOwn: Selector[] = [];
  const texts: string[] = [];
  const keys = new Set<string>(unwrittenSelector(object));
  let anyNamespace = false;
  const walk = (value: unknown, into: Selector[]): void => {
    if (Array.isArray(value)) for (const item of value) walk(item, into);
    if (!isFields(value)) return;
    const { matchLabels, matchExpressions } = value;
    if (isFields(matchLabels) || Array.isArray(matchExpressions))
      into.push({
        labels: isFields(matchLabels) ? matchLabels : {},
        expressions: Array.isArray(matchExpressions) ? matchExpressions.filter(isFields) : [],
      });
    for (const [key, inner] of Object.entries(value)) {
      if (passedOver.has(key)) continue;
      if (key === "namespaceSelector" || key === "namespaces") anyNamespace = true;
      const below = key === "selector" && isFields(value.template) ? ofItsOwn : into;
      if (/selector$/i.test(key)) takeSelector(inner, below);
      if (Array.isArray(inner)) for (const entry of inner) takeFrom(key, entry);
      walk(inner, below);
    }
  };
  /** `selector` of a Service and the like, `workloadSelector.labels` of a mesh, or a text. */
  const takeSelector = (inner: unknown, into: Selector[]): void => {
    if (typeof inner === "string") texts.push(inner);
    if (!isFields(inner) || isFields(inner.matchLabels) || Array.isArray(inner.matchExpressions)) return;
    into.push({ labels: inner, expressions: [] });
    if (isFields(inner.labels)) into.push({ labels: inner.labels, expressions: [] });
  };
  const takeFrom = (list: string, entry: unknown): void => {
    if (list === "matchLabelKeys" || list === "mismatchLabelKeys") keys.add(String(entry));
    if (list === "subsets" && isFields(entry) && isFields(entry.labels))
      selectors.push({ labels: entry.labels, expressions: [] });
  };
  walk(object, selectors);
  return { selectors, ofItsOwn, texts, keys, anyNamespace };
}

/** Kinds of old select by all labels of their template where no selector is written. */
function unwrittenSelector({ apiVersion, kind, spec }: KubeObject): string[] {
  const isOld =
    kind === "ReplicationController" || apiVersion.startsWith("extensions/") || apiVersion === "apps/v1beta1";
  if (!isOld || !isFields(spec) || isFields(spec.selector) || !isFields(spec.template)) return [];
  const { metadata } = spec.template;
  return isFields(metadata) && isFields(metadata.labels) ? Object.keys(metadata.labels) : [];
}
