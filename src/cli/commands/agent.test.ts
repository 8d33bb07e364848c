import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../../test/support/repository.ts";
import { readStart } from "./agent.ts";

function folder() {
  const made = temporaryFolder();
  onTestFinished(made.remove);
  writeFileSync(join(made.path, "token"), "sluice_a_secret\n");
  return made.path;
}
const place = { repository: "https://git.example.com/shop/config.git", paths: ["clusters/dev"] };

test("flags alone describe an agent of one environment", async () => {
  const cwd = folder();
  const flags = {
    server: "http://127.0.0.1:1",
    tokenFile: "token",
    environment: "dev",
    repository: place.repository,
    branch: "main",
    path: place.paths,
    data: "data",
  };
  expect(await readStart(flags, { cwd, env: {} })).toEqual({
    server: "http://127.0.0.1:1",
    token: "sluice_a_secret",
    environments: [{ name: "dev", git: { ...place, branch: "main" } }],
    data: join(cwd, "data"),
    poll: 30_000,
  });
});

test("a file describes several; a flag counts more than the file, and the token may come from the surroundings", async () => {
  const cwd = folder();
  writeFileSync(
    join(cwd, "agent.yaml"),
    `server: http://127.0.0.1:1
data: data
poll: 5s
environments:
  - { name: dev, git: { repository: "${place.repository}", paths: [clusters/dev] } }
  - { name: test, git: { repository: "${place.repository}", branch: live, paths: [clusters/test] } }
`,
  );
  const env = { SLUICE_AGENT_TOKEN: "sluice_a_other" };
  const start = await readStart({ config: "agent.yaml", branch: "main", poll: 1_000 }, { cwd, env });
  expect(start).toMatchObject({ token: "sluice_a_other", poll: 1_000, data: join(cwd, "data") });
  expect(start.environments.map(({ name, git }) => [name, git.branch])).toEqual([
    ["dev", "main"],
    ["test", "live"],
  ]);
});

test("what is wrong in the file is told with the file and the key", async () => {
  const cwd = folder();
  writeFileSync(join(cwd, "agent.yaml"), "environments: [{ name: dev, git: { paths: [a] } }]\n");
  await expect(readStart({ config: "agent.yaml", branch: "main" }, { cwd, env: {} })).rejects.toThrow(
    /agent\.yaml: environments\.0\.git\.repository/,
  );
});
