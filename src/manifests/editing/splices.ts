import { EVENT_ID } from "js-yaml";
import { lineAt } from "../locate.ts";
import { type FieldChange, type Splice, valueAtPath } from "./fieldChange.ts";
import { exchangeKeys, fillEmpty, type Insertion, insertKeys, insertMapping } from "./insert.ts";
import { entriesOf, entryOf, isFlow, trace } from "./nodes.ts";
import { type Removal, removeEntries, removeMapping } from "./remove.ts";
import { fromElsewhere, replaceScalar } from "./replace.ts";
import { type EditSource, refusal } from "./source.ts";

/**
 * Where the text has to change for the fields to change, first to last. A field that is right already needs nothing.
 * Throws `invalid_manifest` for what cannot be done in place.
 */
export function splicesFor(source: EditSource, changes: readonly FieldChange[]): Splice[] {
  const byParent = new Map<string, FieldChange[]>();
  for (const change of changes) {
    if (valueAtPath(source.yaml.documents[change.document], change.path) === change.value) continue;
    const key = JSON.stringify([change.document, change.path.slice(0, -1)]);
    const group = byParent.get(key);
    if (group === undefined) byParent.set(key, [change]);
    else group.push(change);
  }
  const splices = [...byParent.values()].flatMap((group) => splicesOf(source, group));
  splices.sort((a, b) => a.start - b.start || a.end - b.end);
  refuseOverlap(source, splices);
  return splices;
}

/** The text with all splices made, which are sorted. */
export function spliced(text: string, splices: readonly Splice[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { start, end, text: replacement } of splices) {
    parts.push(text.slice(at, start), replacement);
    at = end;
  }
  return parts.join("") + text.slice(at);
}

/** Changes of one mapping or list. */
function splicesOf(source: EditSource, changes: readonly FieldChange[]): Splice[] {
  const { document, path } = changes[0]!;
  const parentPath = path.slice(0, -1);
  const trail = trace(source, document, parentPath);
  const complete = trail.length === path.length;
  const parent = trail.at(-1)!;
  const event = source.yaml.events[parent]!;
  if (complete && event.type === EVENT_ID.MAPPING) return inMapping(source, trail, changes);
  if (complete && event.type === EVENT_ID.SEQUENCE)
    return changes.flatMap((change) => replaceItem(source, document, change));
  if (event.type === EVENT_ID.ALIAS) return elsewhere(source, changes);
  const insertions = changes.filter(isInsertion);
  if (insertions.length < changes.length || insertions.some((change) => isThere(source, change)))
    return elsewhere(source, changes);
  if (complete) {
    const entry = entryOf(source, trail.at(-2)!, String(parentPath.at(-1)));
    if (entry === undefined) throw fromElsewhere(source, changes[0]!);
    return fillEmpty(source, trail.at(-2)!, trail.at(-3), entry, insertions);
  }
  const merged = valueAtPath(source.yaml.documents[document], parentPath.slice(0, trail.length)) !== undefined;
  if (event.type !== EVENT_ID.MAPPING || merged) throw fromElsewhere(source, changes[0]!);
  const missing = parentPath.slice(trail.length - 1).map(String);
  return insertMapping(source, parent, trail.at(-2), missing, insertions);
}

function inMapping(source: EditSource, trail: readonly number[], changes: readonly FieldChange[]): Splice[] {
  const mapping = trail.at(-1)!;
  const { path } = changes[0]!;
  const splices: Splice[] = [];
  const removals: Removal[] = [];
  const insertions: Insertion[] = [];
  for (const change of changes) {
    const entry = entryOf(source, mapping, String(change.path.at(-1)));
    const isAlias = entry !== undefined && source.yaml.events[entry.value]!.type === EVENT_ID.ALIAS;
    if (isAlias && change.value !== undefined) splices.push(...elsewhere(source, [change]));
    else if (entry !== undefined && change.value !== undefined)
      splices.push(...replaceScalar(source, change, change.value, entry));
    else if (entry !== undefined) removals.push({ change, entry });
    else if (!isInsertion(change) || isThere(source, change)) splices.push(...elsewhere(source, [change]));
    else insertions.push(change);
  }
  const gone = new Set(removals.map(({ entry }) => entry.key));
  const remaining = entriesOf(source.yaml.events, mapping).filter(({ key }) => !gone.has(key));
  if (remaining.length === 0 && insertions.length === 0 && removals.length > 0) {
    const around = trail.at(-2);
    const entry = around === undefined ? undefined : entryOf(source, around, String(path.at(-2)));
    if (around === undefined || entry === undefined) throw fromElsewhere(source, removals[0]!.change);
    return [...splices, ...removeMapping(source, around, entry, removals)];
  }
  if (remaining.length === 0 && removals.length > 0 && isFlow(source.yaml.events[mapping]))
    return [...splices, ...exchangeKeys(source, mapping, insertions)];
  if (insertions.length > 0) splices.push(...insertKeys(source, mapping, insertions, remaining));
  if (removals.length > 0) splices.push(...removeEntries(source, mapping, removals));
  return splices;
}

function replaceItem(source: EditSource, document: number, change: FieldChange): Splice[] {
  const trail = trace(source, document, change.path);
  if (change.value === undefined || trail.length <= change.path.length) throw fromElsewhere(source, change);
  return replaceScalar(source, change, change.value, { value: trail.at(-1)! });
}

/** What is not written here itself needs nothing where it goes along with the place it comes from; the proof decides. */
function elsewhere(source: EditSource, changes: readonly FieldChange[]): Splice[] {
  const refused = changes.find(({ follows }) => !follows);
  if (refused !== undefined) throw fromElsewhere(source, refused);
  return [];
}

/** Whether a field has a value already, wherever that is written. */
function isThere({ yaml }: EditSource, { document, path }: FieldChange): boolean {
  return valueAtPath(yaml.documents[document], path) !== undefined;
}

function isInsertion(change: FieldChange): change is Insertion {
  return change.value !== undefined;
}

function refuseOverlap({ file, text }: EditSource, splices: readonly Splice[]): void {
  for (let index = 1; index < splices.length; index++) {
    const { start } = splices[index]!;
    if (start < splices[index - 1]!.end)
      throw refusal(file, lineAt(text, start), "two changes meet in one place; make them one after the other");
  }
}
