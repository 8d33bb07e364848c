import fc from "fast-check";
import { dump } from "js-yaml";
import { expect, test } from "vitest";
import { editManifests, editPossible, type ManifestEdit } from "../../../src/manifests/edit.ts";
import { type Case, cases } from "./file.ts";
import { planned } from "./planned.ts";
import { documentsOf, runs, timeout } from "./runs.ts";
import { nothingWanted } from "./texts.ts";

test("an edit made twice changes nothing the second time", { timeout }, () => {
  fc.assert(
    fc.property(cases, ({ text, edits }: Case) => {
      const once = editManifests("app.yaml", text(nothingWanted), edits);
      expect(editManifests("app.yaml", once, edits)).toBe(once);
    }),
    { numRuns: runs / 20 },
  );
});

test("edits one after the other give the file that they give together", { timeout }, () => {
  fc.assert(
    fc.property(cases, ({ text, edits }: Case) => {
      const before = text(nothingWanted);
      const imagesLast = [...edits].sort((a, b) => Number(a.kind !== "annotations") - Number(b.kind !== "annotations"));
      const one = (file: string, edit: ManifestEdit) => editManifests("app.yaml", file, [edit]);
      const apart = imagesLast.filter(({ kind }) => kind === "annotations").reduce(one, before);
      const images = imagesLast.filter(({ kind }) => kind !== "annotations");
      expect(editManifests("app.yaml", apart, images)).toBe(editManifests("app.yaml", before, edits));
    }),
    { numRuns: runs / 20 },
  );
});

test("a JSON file stays JSON, with nothing else in it changed", { timeout }, () => {
  fc.assert(
    fc.property(cases, fc.constantFrom(undefined, 2, "\t"), ({ text, edits }: Case, indent) => {
      const documents = documentsOf(text(nothingWanted)).filter(
        (entry) => (entry as { kind: string }).kind !== "Secret",
      );
      const list = { apiVersion: "v1", kind: "List", items: documents };
      const nested = documents.some((entry) => (entry as { kind: string }).kind === "List");
      const before = nested ? documents[0] : list;
      const after = editManifests("app.json", JSON.stringify(before, null, indent), edits);
      expect(JSON.parse(after)).toStrictEqual(planned([JSON.parse(JSON.stringify(before))], edits)[0]);
    }),
    { numRuns: runs / 10 },
  );
});

test("comments between braces stay, but for those inside of what goes", { timeout }, () => {
  fc.assert(
    fc.property(cases, fc.boolean(), ({ text, edits }: Case, crlf) => {
      const [document] = documentsOf(text(nothingWanted));
      const eol = crlf ? "\r\n" : "\n";
      const lines = JSON.stringify(document, null, 2).split("\n");
      const before = lines.map((line, index) => `${line} # no. ${index}.${eol}# above ${index + 1}.${eol}`).join("");
      const mine = edits.filter(({ workload }) => JSON.stringify(document).includes(`"${workload.split("/")[1]}"`));
      const { text: after, refused } = editPossible("app.yaml", before, mine);
      expect(
        [...refused.values()].filter(({ message }) => !/is not in this file|has no container/.test(message)),
      ).toEqual([]);
      expect(documentsOf(after)).toStrictEqual(planned(documentsOf(before), edits));
      let inside = false;
      lines.forEach((line, index) => {
        inside ||= line.includes('"annotations": ');
        if (!inside) expect(after).toContain(`${index === 0 ? "" : `# above ${index}.${eol}`}${head(line)}`);
        if (!inside) expect(after).toContain(` # no. ${index}.`);
        if (/^ *\}|"annotations": (?:null|\{\})/.test(line)) inside = false;
      });
    }),
    { numRuns: runs / 20 },
  );
});

/** What of a line of JSON no edit changes. */
function head(line: string): string {
  return /^ *(?:"[^"]+":)?/.exec(line)![0];
}

const damage = fc.record({
  at: fc.nat(100_000),
  cut: fc.nat(12),
  add: fc.constantFrom(
    "",
    " ",
    "\n",
    "\t",
    ":",
    "#",
    "'",
    '"',
    "{",
    "]",
    ",",
    "- ",
    "&a ",
    "*a",
    "|",
    "\r",
    "\ufeff",
    "---\n",
    "? ",
  ),
});

test("a damaged file is refused, or edited in what is planned only", { timeout }, () => {
  fc.assert(
    fc.property(cases, fc.array(damage, { minLength: 1, maxLength: 4 }), ({ text, edits }: Case, damages) => {
      const before = damages.reduce((file, { at, cut, add }) => {
        const place = at % file.length;
        return file.slice(0, place) + add + file.slice(place + cut);
      }, text(nothingWanted));
      const { text: after, refused } = editPossible("app.yaml", before, edits);
      if (refused.size === edits.length) expect(after).toBe(before);
      else expect(withoutEdited(documentsOf(after))).toBe(withoutEdited(documentsOf(before)));
    }),
    { numRuns: runs / 5 },
  );
});

const edited = new Set(["image", "version", "annotations"]);
/** Everything of the documents but what edits are about. */
function withoutEdited(documents: readonly unknown[]): string {
  return JSON.stringify(documents, (key, value: unknown) => (edited.has(key) ? undefined : value));
}

const styles = fc.record({
  indent: fc.constantFrom(2, 3, 8),
  seqNoIndent: fc.boolean(),
  flowLevel: fc.constantFrom(-1, 1, 2, 3, 5, 7),
  lineWidth: fc.constantFrom(20, 80, -1),
  forceQuotes: fc.boolean(),
});

test("whatever printed a file, its documents become what is planned", { timeout }, () => {
  fc.assert(
    fc.property(cases, styles, ({ text, edits }: Case, style) => {
      const documents = documentsOf(text(nothingWanted));
      const before = documents.map((entry) => `---\n${dump(structuredClone(entry), style)}`).join("");
      const after = editManifests("app.yaml", before, edits);
      expect(documentsOf(after)).toStrictEqual(planned(documentsOf(before), edits));
    }),
    { numRuns: runs / 20 },
  );
});
