import type { ManifestEdit } from "../../../src/manifests/edit.ts";

type Texts = Record<string, string>;
interface Metadata {
  name: string;
  namespace?: string;
  labels?: Texts;
  annotations?: Texts | null;
}
interface PodSpec {
  containers: { name: string; image: string }[];
  initContainers?: { name: string; image: string }[];
}
interface Template {
  metadata?: Metadata;
  spec: PodSpec;
}
/** As much of the generated objects as is planned for; a List holds others. */
interface Generated {
  kind: string;
  metadata: Metadata;
  items: Generated[];
  spec: PodSpec & { template: Template; jobTemplate: { spec: { template: Template } } };
}

/** What the documents of a generated file shall be after the edits, told from what they were and nothing else. */
export function planned(documents: readonly unknown[], edits: readonly ManifestEdit[]): unknown[] {
  const result = structuredClone(documents) as Generated[];
  const objects = result.flatMap((document) => (document.kind === "List" ? document.items : [document]));
  for (const object of objects) {
    const id = `${object.metadata.namespace ?? "default"}:${object.kind.toLowerCase()}/${object.metadata.name}`;
    const mine = edits.filter((edit) => edit.workload === id);
    if (mine.length > 0) change(object, mine);
  }
  return result;
}

function change(object: Generated, edits: readonly ManifestEdit[]): void {
  const template = templateOf(object);
  const pod = template?.spec ?? object.spec;
  const containers = [...pod.containers, ...(pod.initContainers ?? [])];
  const tags = containers.map(({ image }) => tagOf(image));
  for (const edit of edits) {
    if (edit.kind === "annotations") annotate(object.metadata, edit.set, edit.remove);
    else containers.find(({ name }) => name === edit.container)!.image = edit.image;
  }
  const isSelected = JSON.stringify(object).includes('"matchLabels":{"version"');
  for (const labels of [object.metadata.labels, template?.metadata?.labels]) {
    const leader = labels === undefined ? -1 : tags.indexOf(labels.version!);
    if (leader >= 0 && !isSelected) labels!.version = tagOf(containers[leader]!.image);
  }
}

function annotate(metadata: Metadata, set: Readonly<Texts>, remove: readonly string[]): void {
  const before = JSON.stringify(metadata.annotations);
  const annotations: Texts = { ...metadata.annotations };
  for (const [key, text] of Object.entries(set)) annotations[key] = text;
  for (const key of remove) delete annotations[key];
  if (Object.keys(annotations).length > 0) metadata.annotations = annotations;
  else if (before !== undefined && before !== "null" && before !== "{}") delete metadata.annotations;
}

function templateOf({ kind, spec }: Generated): Template | undefined {
  return kind === "CronJob" ? spec.jobTemplate.spec.template : spec.template;
}

function tagOf(image: string): string {
  return /:([^:@/]+)(?:@|$)/.exec(image)![1]!;
}
