/** A key a person presses, by the names of node:readline: `up`, `space`, `return`, `escape`, letters. */
export interface Key {
  readonly name?: string;
  readonly ctrl?: boolean;
}
/** A row of what can be picked from; `text` is its cells, separated by tabs. Only some can be selected. */
export interface PickRow {
  readonly text: string;
  readonly selectable: boolean;
}

/** What is picked: `cursor` is a row that can be selected, `checked` the rows that are. */
export interface Picker {
  readonly rows: readonly PickRow[];
  readonly cursor: number;
  readonly checked: ReadonlySet<number>;
}
export type Picking =
  | { readonly kind: "picking"; readonly picker: Picker }
  | { readonly kind: "picked"; readonly rows: readonly number[] }
  | { readonly kind: "aborted" };

/** Everything that can be selected is, and the cursor stands on the first; undefined when nothing can be. */
export function startPicker(rows: readonly PickRow[]): Picker | undefined {
  const selectable = selectableOf(rows);
  const [cursor] = selectable;
  return cursor === undefined ? undefined : { rows, cursor, checked: new Set(selectable) };
}

/** What a key does: fluxctl's keys, and nothing for others. */
export function press(picker: Picker, { name, ctrl = false }: Key): Picking {
  if (ctrl) return name === "c" || name === "d" ? { kind: "aborted" } : { kind: "picking", picker };
  switch (name) {
    case "q":
    case "escape":
      return { kind: "aborted" };
    case "return":
    case "enter":
      return { kind: "picked", rows: [...picker.checked].sort((a, b) => a - b) };
    case "space":
      return { kind: "picking", picker: { ...picker, checked: toggled(picker) } };
    case "down":
    case "j":
    case "tab":
      return { kind: "picking", picker: { ...picker, cursor: moved(picker, 1) } };
    case "up":
    case "k":
      return { kind: "picking", picker: { ...picker, cursor: moved(picker, -1) } };
    default:
      return { kind: "picking", picker };
  }
}

function selectableOf(rows: readonly PickRow[]): number[] {
  return rows.flatMap((row, index) => (row.selectable ? [index] : []));
}
function toggled({ cursor, checked }: Picker): Set<number> {
  const next = new Set(checked);
  if (!next.delete(cursor)) next.add(cursor);
  return next;
}
/** The next row that can be selected; after the last comes the first. */
function moved({ rows, cursor }: Picker, step: 1 | -1): number {
  const selectable = selectableOf(rows);
  const at = selectable.indexOf(cursor) + step + selectable.length;
  return selectable[at % selectable.length]!;
}
