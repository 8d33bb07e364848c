import { expect, test } from "vitest";
import { joinDocuments } from "./configuration.ts";
import { readDocuments } from "./read.ts";

const environment = (name: string, branch: string, commits: string) => `---
apiVersion: sluice.dev/v1
kind: Environment
metadata: { name: ${name} }
spec:
  cluster: ${name}
  git: { repository: https://git.example.com/shop.git, branch: ${branch}, paths: [a] }
  commits: ${commits}
`;
const problemsOf = (commits: string) => readDocuments("a.yaml", environment("dev", "main", commits)).problems;
function join(text: string, before?: ReturnType<typeof joinDocuments>) {
  return joinDocuments("c", readDocuments("a.yaml", text).documents, [], before);
}

test("commits go to the branch applied and start CI unless the document says otherwise", () => {
  const { environments } = join(
    `${environment("dev", "main", "{}")}${environment("prod", "main", "{ skipCi: true }")}`,
  );
  expect(environments.get("dev")!.commits).toEqual({ skipCi: false });
  expect(environments.get("prod")!.commits).toEqual({ skipCi: true });
});

test("a review branch is a name that Git allows", () => {
  for (const branch of ["sluice/{release}", "review", "a.b/c-d", "{release}", "ä"])
    expect(problemsOf(`{ branch: "${branch}" }`)).toEqual([]);
  for (const branch of [
    "a b",
    "-x",
    "/a",
    "a/",
    "a//b",
    "a..b",
    "a.lock",
    "a.lock/b",
    ".a",
    "a/.b",
    "a~1",
    "@",
    "a@{b",
    "x:",
  ])
    expect(problemsOf(`{ branch: "${branch}" }`), branch).toMatchObject([
      { line: 8, message: expect.stringContaining("write a branch as Git can name one") },
    ]);
});

test("environments of different branches do not mix their reviews on one", () => {
  const dev = environment("dev", "main", "{ branch: review }");
  const same = join(dev + environment("prod", "main", "{ branch: review }"));
  expect(same.problems).toEqual([]);
  const apart = join(dev + environment("prod", "prod", '{ branch: "sluice/{release}" }'));
  expect(apart.problems).toEqual([]);
  const mixed = join(dev + environment("prod", "prod", "{ branch: review }"), apart);
  expect(mixed.problems).toMatchObject([
    { line: 16, message: expect.stringMatching(/^Environment prod: its review branch is that of dev/) },
  ]);
  // The last good version stays in force.
  expect(mixed.environments.get("prod")!.commits.branch).toBe("sluice/{release}");
});
