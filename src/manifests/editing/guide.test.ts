import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { ImageRules } from "../../model/documents.ts";
import { editManifests, type ManifestEdit } from "../edit.ts";

/** The examples of the guide: a file, what is asked for, and the lines that differ afterwards. */
const guide = readFileSync(new URL("../../../docs/guides/edits.md", import.meta.url), "utf8");
const examples = [
  ...guide.matchAll(/^```yaml ?(\S*)\n([\s\S]*?)^```\n\n```text\n([\s\S]*?)^```\n\n```diff\n([\s\S]*?)^```$/gm),
].map(([, kind, file, asked, difference]) => ({ kind: kind!, file: file!, asked: asked!, difference: difference! }));
const rules: ImageRules = {
  fields: [],
  files: [{ path: "shop/kustomization.yaml", kind: "kustomization", namespace: "shop" }],
};

function editOf(line: string): ManifestEdit {
  const [, workload, what, key, value] = /^(\S+) (image|set|remove) ([^=]+)(?:=(.*))?$/.exec(line)!;
  if (what === "image") return { workload: workload!, container: key!, image: value! };
  const set = what === "set" ? { [key!]: value! } : {};
  return { kind: "annotations", workload: workload!, set, remove: what === "remove" ? [key!] : [] };
}

/** What is gone and what is new, each in the order it stands. */
function difference(before: string, after: string): { gone: string[]; added: string[] } {
  const without = (text: string, other: string) => text.split("\n").filter((line) => !other.split("\n").includes(line));
  return { gone: without(before, after), added: without(after, before) };
}

test.each(examples)(
  "example $# of the guide changes the lines it shows and no other",
  ({ kind, file, asked, difference: shown }) => {
    const path = kind === "kustomization" ? "shop/kustomization.yaml" : "shop/example.yaml";
    const edited = editManifests(path, file, asked.trim().split("\n").map(editOf), { rules });
    const lines = shown.trimEnd().split("\n");
    const marked = (sign: string) => lines.filter((line) => line.startsWith(sign)).map((line) => line.slice(1));
    expect(difference(file, edited)).toEqual({ gone: marked("-"), added: marked("+") });
  },
);

test("the guide has examples", () => expect(examples.length).toBeGreaterThan(3));
