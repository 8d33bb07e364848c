import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { documentSchema, type ImageRules } from "../model/documents.ts";
import { readAs, readFile } from "./files.ts";
import { parseYaml } from "./read.ts";
import { workloadOf } from "./workloads.ts";

/** The examples of the guide: fenced blocks with their language and what is written behind it. */
const guide = readFileSync(new URL("../../docs/guides/images.md", import.meta.url), "utf8");
const blocks = [...guide.matchAll(/^```(\S+) ?(\S*)\n([\s\S]*?)^```$/gm)].map(([, language, word, text]) => ({
  language,
  word: word!,
  text: text!,
}));
const rules = rulesOf(blocks.find(({ word }) => word === "environment")!.text);

function rulesOf(text: string): ImageRules {
  const document = documentSchema.parse(parseYaml(text).documents[0]);
  if (document.kind !== "Environment") throw new Error(`the guide's document is no environment but ${document.kind}`);
  return document.spec.images;
}

/** What is found in a file, in the guide's words. */
function found(path: string, text: string): string {
  const result = readFile(text, readAs(path, rules));
  if (!result.ok) throw new Error(result.problem.message);
  return result.file.objects
    .flatMap((entry) => workloadOf(entry, path, rules) ?? [])
    .map(({ id, containers }) => {
      const lines = containers.map(({ container, image, policy, fixed }) => {
        const more = [policy && ` (policy ${policy})`, fixed && ` (fixed: ${fixed})`];
        return `  ${container} = ${image}${more.filter(Boolean).join("")}\n`;
      });
      return `${id}\n${lines.join("")}`;
    })
    .join("");
}

test("what the guide says is found in its examples is what is found", () => {
  const examples = blocks.flatMap((block, index) =>
    block.language === "yaml" && block.word !== "environment" ? [{ ...block, said: blocks[index + 1]! }] : [],
  );
  expect(examples.length).toBeGreaterThanOrEqual(12);
  for (const { word, text, said } of examples) {
    expect(said.language).toBe("text");
    expect(found(word || "example.yaml", text)).toBe(said.text);
  }
});
