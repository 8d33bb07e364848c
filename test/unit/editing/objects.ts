import fc from "fast-check";
import { type Annotations, annotations, blockAnnotations, flowAnnotations, newFlowAnnotations } from "./annotations.ts";
import { comment, commentLine, fixed, joined, type Quote, quote, type Stretch, writtenAs } from "./texts.ts";

/** One container of a generated object. Every reference stands once in a file. */
interface Container {
  readonly name: string;
  readonly init: boolean;
  readonly repository: string;
  readonly tag: string;
  readonly digest: boolean;
  readonly quote: Quote;
  readonly note: string;
  readonly form: number;
}
/** A generated object: what it is, and how it is written. */
export interface Generated {
  readonly id: string;
  readonly containers: readonly Container[];
  readonly text: Stretch;
}

const kinds = [
  ["apps/v1", "Deployment", ["spec", "template", "spec"]],
  ["apps/v1", "StatefulSet", ["spec", "template", "spec"]],
  ["apps/v1", "DaemonSet", ["spec", "template", "spec"]],
  ["batch/v1", "CronJob", ["spec", "jobTemplate", "spec", "template", "spec"]],
  ["v1", "Pod", ["spec"]],
  ["argoproj.io/v1alpha1", "Rollout", ["spec", "template", "spec"]],
] as const;

const tags = ["1.0", "1.1", "main-3", "7", "v2"];
export const newTags = ["1.10", "1.11", "2026-01-02", "0x1f", "main-4", "3"];
const old = `sha256:${"ab".repeat(32)}`;

function referenceOf({ repository, tag, digest }: Container): string {
  return `${repository}:${tag}${digest ? `@${old}` : ""}`;
}

function container(name: string, init: boolean): fc.Arbitrary<Container> {
  return fc.record({
    name: fc.constant(name),
    init: fc.constant(init),
    repository: fc.constantFrom(`shop/${name}`, `ghcr.io/shop/${name}`, `r.example.com:5000/${name}`, name),
    tag: fc.constantFrom(...tags),
    digest: fc.boolean(),
    quote,
    note: comment,
    form: fc.nat(4),
  });
}

const shape = fc.record({
  kind: fc.constantFrom(...kinds),
  step: fc.constantFrom(2, 2, 4, 3),
  flowMetadata: fc.boolean(),
  gap: commentLine,
  note: comment,
  labels: fc.record({
    version: fc.option(fc.constantFrom(...tags)),
    quote,
    style: fc.constantFrom("own", "selected", "shared"),
    note: comment,
  }),
  annotations,
});

/** An object of one of many kinds as YAML, by its name. */
export function workload(name: string): fc.Arbitrary<Generated> {
  const inits = fc.nat(1).chain((count) => containersNamed(`${name}-i`, count, true));
  const mains = fc.integer({ min: 1, max: 2 }).chain((count) => containersNamed(`${name}-c`, count, false));
  return fc.tuple(shape, inits, mains).map(([form, init, main]) => {
    const [apiVersion, kind, path] = form.kind;
    const id = `shop:${kind.toLowerCase()}/${name}`;
    const containers = [...init, ...main];
    const version = form.labels.version;
    const label = (right: number): Stretch => labelLines(form.labels, id, containers, " ".repeat(right), form.step);
    const head = joined([
      fixed(`apiVersion: ${apiVersion}${form.note}\nkind: ${kind}\n${form.gap}`),
      form.flowMetadata ? flowMetadata(form.annotations, id, name) : blockMetadata(form, id, name, label),
    ]);
    const body: Stretch[] = [];
    let right = 0;
    path.forEach((key, depth) => {
      const pad = " ".repeat(right);
      const isTemplate = key === "template" && !form.flowMetadata;
      if (isTemplate && form.labels.style === "selected" && version !== null)
        body.push(fixed(`${pad}selector: {matchLabels: {version: "${version}"}}\n`));
      body.push(fixed(`${pad}${key}:${depth === 0 ? form.note : ""}\n`));
      right += form.step;
      if (isTemplate) body.push(fixed(`${" ".repeat(right)}metadata:\n`), label(right + form.step));
    });
    const pad = " ".repeat(right);
    if (init.length > 0) body.push(fixed(`${pad}initContainers:\n`), ...init.map((one) => item(one, id, pad)));
    body.push(fixed(`${pad}containers:\n${form.gap}`), ...main.map((one) => item(one, id, pad)));
    return { id, containers, text: joined([head, ...body]) };
  });
}

function containersNamed(prefix: string, count: number, init: boolean): fc.Arbitrary<Container[]> {
  return fc.tuple(...Array.from({ length: count }, (_, index) => container(`${prefix}${index}`, init)));
}

interface Labels {
  readonly version: string | null;
  readonly quote: Quote;
  readonly style: string;
  readonly note: string;
}

/** A version label, which follows the first container that had its tag unless a selector looks for it. */
function labelLines(labels: Labels, id: string, containers: readonly Container[], pad: string, step: number): Stretch {
  const { version } = labels;
  if (version === null) return fixed(`${pad}labels: {app: shop}\n`);
  return (wanted) => {
    const leader = [...containers.filter((one) => !one.init), ...containers].find((one) => one.tag === version);
    const image = leader && wanted.images.get(`${id} ${leader.name}`);
    const next =
      image === undefined || (labels.style === "selected" && !id.includes(":pod/"))
        ? version
        : /:([^:@/]+)(?:@|$)/.exec(image)![1]!;
    const text = writtenAs(next, labels.quote, version);
    return `${pad}labels:\n${pad}${" ".repeat(step)}app: shop\n${pad}${" ".repeat(step)}version: ${text}${labels.note}\n`;
  };
}

function blockMetadata(
  form: { readonly step: number; readonly annotations: Annotations; readonly note: string },
  id: string,
  name: string,
  label: (right: number) => Stretch,
): Stretch {
  const pad = " ".repeat(form.step);
  const notes = blockAnnotations(form.annotations, id, form.step, form.step);
  const first = fixed(`metadata:\n${pad}name: ${name}${form.note}\n${pad}namespace: shop\n`);
  return joined([first, label(form.step), notes]);
}

function flowMetadata(model: Annotations, id: string, name: string): Stretch {
  return joined([
    fixed("metadata: {"),
    flowAnnotations(model, id),
    fixed(`name: ${name}, namespace: shop`),
    newFlowAnnotations(model, id),
    fixed("} # {x: y}\n"),
  ]);
}

/** One container of a list, in one of many forms. */
function item(one: Container, id: string, pad: string): Stretch {
  const { name, note } = one;
  const image: Stretch = (wanted) => {
    const text = wanted.images.get(`${id} ${name}`) ?? referenceOf(one);
    return one.quote === "" ? text : `${one.quote}${text}${one.quote}`;
  };
  const around: readonly (readonly [string, string])[] = [
    [`${pad}- name: ${name}\n${pad}  image: `, `${note}\n${pad}  env: [{name: A, value: "foo:1"}]\n`],
    [`${pad}- image:   !!str `, `${note}\n${pad}  name: '${name}'\n`],
    [`${pad}- {name: ${name}, image: &${name} `, ` , args: [image, "x: y"]}${note}\n`],
    [`${pad}- ? name\n${pad}  : ${name}\n${pad}  ? image\n${pad}  : `, `${note}\n`],
    [`${pad}-\n${pad}  name: ${name}\n${pad}  image: |-${note}\n${pad}     `, `\n`],
  ];
  const [before, after] = around[one.form]!;
  const inBlock = one.form === 4;
  const plain: Stretch = (wanted) => wanted.images.get(`${id} ${name}`) ?? referenceOf(one);
  return joined([fixed(before), inBlock ? plain : image, fixed(after)]);
}
