import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { joinDocuments } from "./configuration.ts";
import { readDocuments } from "./read.ts";
import { jsonSchemas } from "./schema.ts";

const head = (kind: string, name: string): string =>
  `apiVersion: sluice.dev/v1\nkind: ${kind}\nmetadata: { name: ${name} }\n`;
function environment(name: string, extra = ""): string {
  return `${head("Environment", name)}spec:\n  cluster: ${name}\n  git: { repository: /git/shop.git, paths: [clusters/${name}] }\n${extra}`;
}
function pipeline(name: string, stages: string): string {
  return `${head("Pipeline", name)}spec:\n  workloads: [{ namespace: shop }]\n  stages:\n${stages}`;
}
function problems(text: string): string[] {
  return readDocuments("a.yaml", text).problems.map(({ line, message }) => `${line}: ${message}`);
}
function join(text: string, before?: ReturnType<typeof joinDocuments>) {
  const read = readDocuments("a.yaml", text);
  expect(read.problems).toEqual([]);
  return joinDocuments("c", read.documents, [], before);
}

const two = `${environment("dev")}---\n${environment("prod")}---\n`;
const stages =
  "  - { name: dev, environments: [dev], from: [{ registry: {} }] }\n  - { name: prod, environments: [prod], from: [{ stage: dev }] }\n";

describe("reading", () => {
  test("what is left out has its documented value", () => {
    const [written] = readDocuments("a.yaml", `# ours\n${environment("dev")}`).documents;
    expect(written).toMatchObject({ file: "a.yaml", line: 2 });
    expect(written!.document).toMatchObject({
      spec: {
        render: "plain",
        git: { branch: "main" },
        health: { settle: 10_000, failAfter: 60_000, deadline: 300_000 },
      },
    });
  });

  test("a broken document becomes problems and keeps the others of its file", () => {
    const read = readDocuments(
      "a.yaml",
      `${environment("dev")}---\n${environment("stage", "  helth: {}\n")}---\n${environment("prod")}`,
    );
    expect(read.documents.map(({ document }) => document.metadata.name)).toEqual(["dev", "prod"]);
    expect(read.problems).toEqual([
      { file: "a.yaml", line: 14, message: 'spec: "helth" is not known here; did you mean "health"?' },
    ]);
  });

  test("a file that is no YAML is one problem, with its line", () => {
    expect(problems(`${environment("dev")}\tx: 1\n`)).toEqual([expect.stringMatching(/^7: tab/)]);
  });

  test("manifests beside documents are passed over", () => {
    const text = `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n---\napiVersion: tekton.dev/v1\nkind: Pipeline\n---\n${environment("dev")}---\n- a\n---\ntext\n`;
    expect(readDocuments("a.yaml", text)).toMatchObject({ documents: [{ line: 8 }], problems: [] });
  });

  test.each([
    [
      "a key of a later version",
      pipeline("p", "  - { name: a, environments: [a], from: [{ registry: {} }], after: [] }\n"),
      /7: spec.stages.0: "after": gates of that kind are not supported/,
    ],
    [
      "a queue",
      pipeline("p", "  - { name: a, environments: [a], from: [{ registry: {} }], queue: newest }\n"),
      /"queue": queues are not supported/,
    ],
    ["a gate's key elsewhere", `${pipeline("p", stages)}before: []\n`, /9: "before" is not known here$/],
    [
      "another way of rendering",
      environment("dev", "  render: kustomize\n"),
      /7: spec.render: this version applies manifests as they stand/,
    ],
    ["a missing value", `${head("Environment", "dev")}spec:\n  cluster: dev\n`, /spec.git: is missing/],
    ["a bad name", environment("dev").replace("name: dev", "name: Dev_1"), /3: metadata.name: use lower case letters/],
    [
      "a bad duration",
      environment("dev", "  health: { settle: soon }\n"),
      /7: spec.health.settle: "soon" is not a duration/,
    ],
    [
      "a path that leaves the repository",
      environment("dev").replace("clusters/dev", "../other"),
      /6: spec.git.paths.0: write a path inside/,
    ],
    ["an absolute path", environment("dev").replace("clusters/dev", "/etc"), /write a path inside/],
    [
      "a source that is none",
      pipeline("p", "  - { name: a, environments: [a], from: [{ stages: b }] }\n"),
      /7: spec.stages.0.from.0: write \{registry: \{\}\}/,
    ],
    [
      "a registry asked all the time",
      `${head("Settings", "s")}spec:\n  registries: [{ host: a.b, endpoint: "https://a.b", poll: 0s }]\n`,
      /5: .*once a second/,
    ],
    [
      "another kind",
      `${head("Pipelin", "p")}spec: {}\n`,
      /2: kind: there is no such kind; write Environment, Pipeline, Settings/,
    ],
    ["another version", environment("dev").replace("/v1", "/v9"), /1: apiVersion: write apiVersion: sluice.dev\/v1/],
    ["a mistyped apiVersion", environment("dev").replace("sluice.dev/v1", "slucie.dev/v1"), /1: apiVersion: write/],
    ["a forgotten apiVersion", environment("dev").replace("apiVersion: sluice.dev/v1\n", ""), /apiVersion: write/],
  ])("%s is refused with its line", (_, text, expected) => {
    const found = problems(text);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(expected);
  });

  test("a suggestion is a key that may stand there", () => {
    expect(problems(environment("dev", "  paths: []\n"))).toEqual(['7: spec: "paths" is not known here']);
    expect(problems(environment("dev").replace("branch", "b").replace("paths:", "branh: x, paths:"))[0]).toMatch(
      /"branch"\?$/,
    );
  });

  test("no text whatever makes reading throw", () => {
    const piece = fc.constantFrom(
      "apiVersion: sluice.dev/v1\n",
      "kind: Pipeline\n",
      "kind: Environment\n",
      "metadata: {name: a}\n",
      "spec:\n",
      "  stages:\n",
      "  - {name: a, environments: [a], from: [{registry: {}}]}\n",
      "  git: [1]\n",
      "---\n",
      "constructor: 1\n",
      "__proto__: {}\n",
      "*a",
      "null\n",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const { documents, problems: found } = readDocuments("a.yaml", pieces.join(""));
        for (const problem of joinDocuments("c", documents, found).problems) expect(problem.message).toBeTruthy();
      }),
      { numRuns: 500 },
    );
  });
});

describe("joining", () => {
  test("documents that fit make a configuration without problems", () => {
    const configuration = join(two + pipeline("shop", stages));
    expect(configuration.problems).toEqual([]);
    expect(configuration.pipelines.get("shop")!.stages.map((stage) => stage.name)).toEqual(["dev", "prod"]);
  });

  test("a name written twice counts once, and is told", () => {
    const { problems: found, environments } = join(
      `${two}${environment("dev").replace("cluster: dev", "cluster: other")}`,
    );
    expect(environments.get("dev")!.cluster).toBe("dev");
    expect(found).toEqual([
      { file: "a.yaml", line: 15, message: "Environment dev is written twice; the one in a.yaml line 1 counts" },
    ]);
  });

  test.each([
    [
      "an unknown environment",
      stages.replace("[prod]", "[prodd]"),
      /22: .*"prodd", which does not exist; did you mean "prod"\?/,
    ],
    [
      "an unknown stage",
      stages.replace("stage: dev", "stage: dve"),
      /22: .*takes from stage "dve", which does not exist; did you mean "dev"\?/,
    ],
    [
      "an unknown source environment",
      stages.replace("{ stage: dev }", "{ environment: x }"),
      /takes from environment "x"/,
    ],
    [
      "an environment in two stages",
      stages.replace("[prod]", "[prod, dev]"),
      /environment dev belongs to the stages dev and prod/,
    ],
    [
      "an environment twice in a stage",
      stages.replace("[prod]", "[prod, prod]"),
      /stage prod names environment prod twice/,
    ],
    ["a stage twice", stages.replace("name: prod", "name: dev"), /stage dev is written twice/],
    ["a stage called registry", stages.replace("name: prod", "name: registry"), /cannot be called "registry"/],
    ["a circle", stages.replace("{ registry: {} }", "{ stage: prod }"), /in a circle: dev <- prod <- dev/],
    [
      "a circle by an environment",
      stages.replace("{ registry: {} }", "{ environment: prod }"),
      /in a circle: dev <- prod <- dev/,
    ],
    [
      "a stage that takes from itself",
      stages.replace("{ stage: dev }", "{ stage: prod }"),
      /in a circle: prod <- prod/,
    ],
  ])("%s takes the pipeline out of force, with a line, and nothing else", (_, written, expected) => {
    const { pipelines, environments, problems: found } = join(two + pipeline("shop", written));
    expect(pipelines.size).toBe(0);
    expect(environments.size).toBe(2);
    expect(found.map(({ line, message }) => `${line}: ${message}`).join("\n")).toMatch(expected);
  });

  test("a pipeline that became wrong keeps its last good version in force as long as that fits", () => {
    const good = join(two + pipeline("shop", stages));
    const wrong = two + pipeline("shop", stages.replace("stage: dev", "stage: gone"));
    expect(join(wrong, good).pipelines.get("shop")).toEqual(good.pipelines.get("shop"));
    const without = `${environment("dev")}---\n${pipeline("shop", stages)}`;
    const left = join(without, good);
    expect(left.pipelines.size).toBe(0);
    expect(left.problems[0]!.message).toContain('"prod"');
  });

  test("registries are known by the host that image names are compared by, each once", () => {
    const registry = (host: string) => `    - { host: "${host}", endpoint: "https://mirror.example.com" }\n`;
    const text = `${head("Settings", "s")}spec:\n  registries:\n${registry("index.docker.io")}${registry("docker.io")}${registry("https://ghcr.io")}${registry("localhost:5000")}`;
    const { registries, problems: found } = join(text);
    expect(registries.map(({ host, poll }) => [host, poll])).toEqual([
      ["docker.io", 60_000],
      ["localhost:5000", 60_000],
    ]);
    expect(found.map(({ line, message }) => `${line}: ${message}`)).toEqual([
      "7: Settings s: registry docker.io is written twice; the first one counts",
      `8: Settings s: "https://ghcr.io" is not a registry's host; write it as in image names, without https://`,
    ]);
  });
});

test("editors get a JSON Schema of every kind, of what people write", () => {
  const schemas = jsonSchemas();
  expect(Object.keys(schemas)).toEqual(["Environment", "Pipeline", "Settings", "any"]);
  expect(schemas.Environment).toMatchObject({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    required: ["apiVersion", "kind", "metadata", "spec"],
    additionalProperties: false,
    properties: {
      spec: {
        required: ["cluster", "git"],
        properties: { health: { properties: { settle: { type: "string", pattern: "^([0-9]+(ms|s|m|h|d))+$" } } } },
      },
    },
  });
  expect(JSON.parse(JSON.stringify(schemas))).toEqual(schemas);
});
