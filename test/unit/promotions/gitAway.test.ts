import { readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { stateWord } from "../../../src/model/release.ts";
import { git } from "../../support/repository.ts";
import { until } from "../../support/until.ts";
import { startWorld, type World } from "../../support/world.ts";

let world: World;
afterEach(() => world.stop());

/** The server's own mirror as it was before its last push: the server was killed before it noted that. */
function forget(branch: string, before: string | undefined): void {
  const folder = join(world.data, "git");
  for (const name of readdirSync(folder))
    git(join(folder, name), "update-ref", ...(before === undefined ? ["-d", branch] : [branch, before]));
}

test.each([
  ["applied", "{}", "rolling out"],
  ["for review", '{ branch: "sluice/{release}" }', "in review"],
])("a server that comes back while Git is away does not think its own commit %s is gone", async (_, commits, word) => {
  const complaints: string[] = [];
  const note = (message: string, facts: object = {}) => void complaints.push(`${message} ${JSON.stringify(facts)}`);
  world = await startWorld({
    environments: ["dev"],
    stages: "[{ name: dev, environments: [dev], from: [{ registry: {} }], promote: automatic }]",
    workloads: { web: { web: "1.0.0" } },
    images: { web: ["1.0.0"] },
    commits,
    log: { info() {}, warn: note, error: note },
  });
  world.agent.behave = () => "rolling out";
  const before = git(world.bare, "rev-parse", "main").trim();
  await world.push("web", "1.1.0");
  const only = async () => {
    const { items } = await world.call<{ items: { promotion: { id: string } }[] }>("GET", "/promotions");
    return items[0] && world.promotion(items[0].promotion.id);
  };
  const at = (wanted: string) =>
    until(wanted, async () => {
      const view = await only();
      return view?.releases.every(({ state }) => stateWord(state) === wanted) && view;
    });
  const { releases } = await at(word);
  await world.stopServer();
  forget("refs/heads/main", before);
  if (word === "in review") forget(`refs/heads/sluice/${releases[0]!.id}`, undefined);
  renameSync(world.bare, `${world.bare}.away`);
  await world.restart();
  await until("the server to have looked", () => complaints.some((text) => text.includes("what became of")));
  expect(stateWord((await only())!.releases[0]!.state)).toBe(word);
  renameSync(`${world.bare}.away`, world.bare);
  if (word === "in review") git(world.bare, "update-ref", "refs/heads/main", `refs/heads/sluice/${releases[0]!.id}`);
  world.agent.behave = () => "healthy";
  await world.call("POST", "/hooks/git", {});
  await at("succeeded");
  expect(world.messages()).toHaveLength(2);
});
