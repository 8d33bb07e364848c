import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { joinDocuments } from "./configuration.ts";
import { readDocuments } from "./read.ts";

/** The examples of the guide: fenced blocks with their language and what is written behind it. */
const guide = readFileSync(new URL("../../docs/guides/documents.md", import.meta.url), "utf8");
const blocks = [...guide.matchAll(/^```(\S+) ?(\S*)\n([\s\S]*?)^```$/gm)].map(([, language, word, text]) => ({
  language,
  word,
  text: text!,
}));
const good = blocks.filter((block) => block.language === "yaml" && block.word === "");
const documents = good.flatMap((block) => readDocuments("guide.yaml", block.text).documents);

test("the guide's examples are good documents that fit together", () => {
  expect(good.length).toBeGreaterThanOrEqual(3);
  expect(good.flatMap((block) => readDocuments("guide.yaml", block.text).problems)).toEqual([]);
  const configuration = joinDocuments("c", documents, []);
  expect(configuration.problems).toEqual([]);
  expect([...configuration.environments.keys()]).toEqual(["dev", "prod-eu", "prod-us"]);
  expect([...configuration.pipelines.keys()]).toEqual(["shop"]);
  expect(configuration.registries.map((registry) => registry.host)).toEqual(["docker.io", "registry.example.com"]);
});

test("the guide's wrong examples are refused in the very words it shows", () => {
  const wrong = blocks.flatMap((block, index) =>
    block.word === "refused" ? [{ ...block, said: blocks[index + 1]! }] : [],
  );
  expect(wrong.length).toBeGreaterThanOrEqual(2);
  for (const { text, said } of wrong) {
    const read = readDocuments("web.yaml", text);
    const { problems } = joinDocuments("c", [...documents, ...read.documents], read.problems);
    expect(problems.map(({ line, message }) => `line ${line}: ${message}\n`).join("")).toBe(said.text);
  }
});
