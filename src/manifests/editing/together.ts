import { SluiceError } from "../../errors.ts";
import type { ImageEdit, ManifestEdit, PossibleEdits } from "./edits.ts";
import type { FieldChange } from "./fieldChange.ts";
import { plan } from "./plan.ts";
import { prove } from "./prove.ts";
import { proveImages } from "./proveImages.ts";
import { type EditSource, refusal, refuseAt, remember } from "./source.ts";
import { spliced, splicesFor } from "./splices.ts";

/** An edit with the fields it changes. */
interface Planned<T> {
  readonly edit: T;
  readonly changes: readonly FieldChange[];
}

/**
 * Makes all edits of a file that can be made. Each is planned by itself, so that one that is refused leaves the others
 * alone; those that go are written and proven together, at the price of one reading. Only where that proof fails are
 * they tried one after the other, each with those that went before it.
 */
export function changeTogether<T extends ManifestEdit>(source: EditSource, edits: readonly T[]): PossibleEdits<T> {
  const refused = new Map<T, SluiceError>();
  const asked: Asked = { images: new Map(), fields: new Map() };
  const planned: Planned<T>[] = [];
  for (const edit of edits) {
    const one = attempt(() => planOne(source, edit, asked));
    if (one instanceof SluiceError) refused.set(edit, one);
    else planned.push({ edit, changes: one });
  }
  const whole = attempt(() => write(source, planned));
  if (!(whole instanceof SluiceError)) return { text: whole, refused };
  let text = source.text;
  const going: Planned<T>[] = [];
  for (const one of planned) {
    const tried = planned.length === 1 ? whole : attempt(() => write(source, [...going, one]));
    if (tried instanceof SluiceError) refused.set(one.edit, tried);
    else {
      going.push(one);
      text = tried;
    }
  }
  return { text, refused };
}

/** What is asked for so far: images by their containers, values by their fields. */
interface Asked {
  readonly images: Map<string, string>;
  readonly fields: Map<string, FieldChange>;
}

/** The changes of one edit, which can be made in place and ask for nothing else than those before it. */
function planOne(source: EditSource, edit: ManifestEdit, asked: Asked): FieldChange[] {
  const changes = plan(source, edit);
  splicesFor(source, changes);
  if (edit.kind !== "annotations") askForImage(source, edit, asked.images);
  for (const change of changes) {
    const other = asked.fields.get(keyOf(change));
    if (other === undefined || other.value === change.value) continue;
    const values = `${change.value ?? "none"} and ${other.value ?? "none"}`;
    throw refuseAt(source, change.document, change.path, `two values are asked for ${change.what}: ${values}`);
  }
  for (const change of changes) asked.fields.set(keyOf(change), change);
  return changes;
}

/** Two different images for one place cannot both be meant; the same one twice is one edit. */
function askForImage(source: EditSource, { workload, container, image }: ImageEdit, images: Map<string, string>): void {
  const key = JSON.stringify([workload, container]);
  const other = images.get(key);
  if (other !== undefined && other !== image)
    throw refusal(
      source.file,
      source.byWorkload.get(workload)?.line,
      `two images are asked for one container: ${image} and ${other}`,
    );
  images.set(key, image);
}

/** The text with all changes made and proven. */
function write(source: EditSource, planned: readonly Planned<ManifestEdit>[]): string {
  const changes = distinct(planned.flatMap((one) => one.changes));
  const splices = splicesFor(source, changes);
  if (splices.length === 0) return source.text;
  const text = spliced(source.text, splices);
  const after = prove(source, text, changes);
  const images = planned.map(({ edit }) => edit).filter((edit) => edit.kind !== "annotations");
  proveImages(source, text, after, images);
  remember(text, after);
  return text;
}

/** Each field once, however many edits ask for it. */
function distinct(changes: readonly FieldChange[]): FieldChange[] {
  return [...new Map(changes.map((change) => [keyOf(change), change])).values()];
}
function keyOf({ document, path }: FieldChange): string {
  return JSON.stringify([document, path]);
}

function attempt<R>(make: () => R): R | SluiceError {
  try {
    return make();
  } catch (thrown) {
    if (thrown instanceof SluiceError && thrown.code === "invalid_manifest") return thrown;
    throw thrown;
  }
}
