import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PromotionView } from "../../src/model/views.ts";
import { pushImage } from "../../src/sandbox/registry/push.ts";
import { crashed } from "../support/crashed.ts";
import { git, temporaryFolder } from "../support/repository.ts";
import { until } from "../support/until.ts";
import { runSluice } from "../unit/cli/process.ts";
import { build, healthyWith, knownTags, promotionOf, settled, whyOf } from "./seen.ts";
import { type StartedTrial, startTrial, stopTrial } from "./trial.ts";

/** What goes wrong with one service each, and what its pod then says itself. */
const bad = [
  { service: "cart", kind: "pull-error", old: "main-42", says: /^(ErrImagePull|ImagePullBackOff): .*manifest unknown/ },
  { service: "payment", kind: "crash", old: "2.4.3", says: crashed },
  { service: "search", kind: "crash-later", old: "0.9.3", says: crashed },
  { service: "frontend", kind: "never-ready", old: "3.2.1", says: /^NotReady: .*frontend runs but is not ready/ },
] as const;
const id = (service: string) => `shop:deployment/${service}`;

const folder = temporaryFolder();
let trial: StartedTrial;
let clone: string;
const built = new Map<string, string>();
const failed = new Map<string, PromotionView>();

beforeAll(async () => {
  trial = await startTrial(folder.path, "node", ["bin/sluice.mjs", "demo", "--port", "0"]);
  await settled(trial);
  const { git: repository } = await trial.get<{ git: string }>("/api/v1/trial/state");
  clone = join(folder.path, "clone");
  git(folder.path, "clone", "--quiet", repository, clone);
  await Promise.all(bad.map(async ({ service, kind }) => built.set(service, await build(trial, service, kind))));
});
afterAll(async () => {
  await stopTrial(trial);
  folder.remove();
});

/** Images of a service that an environment's file had, oldest first, as Git tells. */
function historyOf(environment: string, service: string): string[] {
  git(clone, "pull", "--quiet");
  const path = `clusters/${environment}/${service}.yaml`;
  return git(clone, "log", "--reverse", "-p", "--format=", "--", path)
    .split("\n")
    .flatMap((line) => new RegExp(`^\\+.*shop/${service}:([\\w.-]+)`).exec(line)?.[1] ?? []);
}

test.each(bad)(
  "a $kind version of $service fails in dev with the pod's own evidence, and stage never gets it and says why",
  async ({ service, old, says }) => {
    const tag = built.get(service)!;
    const cell = await until(
      `${service} ${tag} failed in dev`,
      async () => {
        const seen = await trial.cell("dev", id(service));
        const [container] = seen?.containers ?? [];
        // Until the cluster has it, the verdict is about the version before.
        if (container?.version.tag !== tag || container.live !== undefined) return false;
        expect(seen?.verdict.state).not.toBe("healthy");
        return seen?.verdict.state === "failed" && seen;
      },
      60_000,
    );
    const evidence = cell.verdict.evidence.find(({ object }) => object.startsWith(`pod ${service}-`));
    expect(`${evidence?.reason}: ${evidence?.message}`).toMatch(says);
    const release = await until(`the release of ${service} to end`, async () => {
      const view = await promotionOf(trial, "dev", id(service), tag);
      return view.promotion.endedAt !== undefined && view;
    });
    expect(release.promotion.state).toBe("failed");
    // Versions that came at the same moment went out in one release, which tells of the first that failed.
    const together = bad.filter((entry) =>
      release.releases.some(({ changes }) => changes.some(({ workload }) => workload === id(entry.service))),
    );
    const told = release.why?.evidence.filter(({ label }) => label.startsWith("pod ")).map(({ text }) => text) ?? [];
    expect(
      told.some((text) => together.some((entry) => entry.says.test(text))),
      told.join("\n"),
    ).toBe(true);
    failed.set(service, release);
    const answers = (await whyOf(trial, "stage", service)).filter(({ container }) => container === service);
    expect(answers.map(({ environment, version }) => `${environment} ${version.tag}`)).toEqual([
      `stage-eu ${old}`,
      `stage-us ${old}`,
    ]);
    for (const { why } of answers) {
      const [head, reason] = why.text.split("; failed: ");
      expect(head).toBe(`${tag} is not verified in dev`);
      expect(reason).toMatch(says);
    }
  },
);

test("rollback by the command line restores and verifies the old images; automation leaves the bad ones out", async () => {
  // What went out in one release is taken back together.
  const byPromotion = Map.groupBy(bad, ({ service }) => failed.get(service)!.promotion.id);
  await Promise.all(
    [...byPromotion].map(async ([promotion, services]) => {
      const done = await runSluice(["rollback", promotion, "--watch"], { SLUICE_SERVER: trial.url });
      expect(done, done.stderr).toMatchObject({ code: 0 });
      for (const { service, old } of services) {
        expect(done.stdout).toMatch(new RegExp(`${service} +${built.get(service)} -> ${old} +✓ verified`));
        await healthyWith(trial, "dev", id(service), old);
      }
      const now = await trial.get<PromotionView>(`/api/v1/promotions/${promotion}`);
      expect(now.promotion.state).toBe("rolled back");
    }),
  );

  // Tags that no filter allows: each wakes automation for the service whose bad version is still the newest.
  const { registry } = await trial.get<{ registry: string }>("/api/v1/trial/state");
  for (const [service, tag] of [
    ["cart", "side-1"],
    ["payment", "9.0.0"],
    ["cart", "side-2"],
  ] as const) {
    const image = { registry, repository: `shop/${service}`, tag, labels: {}, createdAt: Date.now() };
    await pushImage(image);
    await until(`${tag} in the catalogue`, async () => (await knownTags(trial, id(service))).includes(tag));
  }

  const fixed = await Promise.all(
    ["cart", "search"].map(async (service) => [service, await build(trial, service)] as const),
  );
  for (const environment of ["dev", "stage-eu", "stage-us"])
    for (const [service, tag] of fixed) await healthyWith(trial, environment, id(service), tag);

  const fixes = new Map(fixed);
  for (const { service, old } of bad) {
    const fix = fixes.get(service);
    const after = fix === undefined ? [] : [fix];
    expect(historyOf("dev", service)).toEqual([old, built.get(service), old, ...after]);
    for (const stage of ["stage-eu", "stage-us"]) expect(historyOf(stage, service)).toEqual([old, ...after]);
    const why = (await whyOf(trial, "dev", service)).find(({ container }) => container === service)!.why.text;
    if (fix === undefined) expect(why).toMatch(new RegExp(`${built.get(service)} .*rolled back by you`));
  }
});
