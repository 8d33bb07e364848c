import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readManifests } from "../../src/manifests/read.ts";
import type { KubeObject } from "../../src/model/kubernetes.ts";
import { until } from "../support/until.ts";
import { type ScenarioCluster, World } from "./environment.ts";
import { configMap, cronJob, deployment, job, namespace, statefulSet, together } from "./manifests.ts";

const deploymentKind = { apiVersion: "apps/v1", kind: "Deployment" };
const configMapKind = { apiVersion: "v1", kind: "ConfigMap" };
const jobKind = { apiVersion: "batch/v1", kind: "Job" };

/** What an agent promises in any cluster: run on the sandbox and on a real kube-apiserver. */
export function agentScenarios(where: string, cluster: (folder: string) => Promise<ScenarioCluster>): void {
  describe(`an agent on ${where}`, { timeout: 90_000 }, () => {
    let world: World;
    beforeAll(async () => {
      world = await World.start(cluster);
    }, 120_000);
    afterAll(() => world?.stop(), 30_000);

    const get = (kind: { apiVersion: string; kind: string }, space: string, name: string) =>
      world.client.get(kind, space, name);
    const isGone = async (kind: { apiVersion: string; kind: string }, space: string, name: string) => {
      const found = await get(kind, space, name);
      return found === undefined || found.metadata.deletionTimestamp !== undefined;
    };

    test("applies eight workloads in one round and releases one of them by its image", async () => {
      const names = ["one", "two", "three", "four", "five", "six"];
      const eight = await world.environment("eight", {
        "eight/all.yaml": together(
          namespace("eight"),
          ...names.map((name) => deployment("eight", name)),
          statefulSet("eight", "seven"),
          cronJob("eight", "nine"),
        ),
      });
      await eight.until(
        "eight workloads running",
        (report) =>
          report.workloads.length === 8 &&
          report.workloads.every(({ verdict }) => ["healthy", "applied"].includes(verdict.state)),
      );
      expect(eight.workload("nine")?.verdict.state).toBe("applied");
      const commit = await eight.deliver({
        "eight/all.yaml": together(
          namespace("eight"),
          ...names.map((name) => deployment("eight", name, name === "two" ? "1.1.0" : "1.0.0")),
          statefulSet("eight", "seven"),
          cronJob("eight", "nine"),
        ),
      });
      await eight.until("the release running", () => {
        const two = eight.workload("two");
        const running = two?.containers[0]?.running ?? [];
        return two?.verdict.state === "healthy" && running.length === 1 && running[0]!.image.endsWith("two:1.1.0");
      });
      expect(eight.report?.applied?.commit).toBe(commit);
      expect(eight.report?.problems).toEqual([]);
    });

    test("tells what somebody changed by hand, and puts it back", async () => {
      const drift = await world.environment("drift", {
        "drift/all.yaml": together(namespace("drift"), deployment("drift", "web"), configMap("drift", "settings")),
      });
      await drift.untilVerdict("web", "healthy");
      await world.client.patch(deploymentKind, "drift", "web", { spec: { replicas: 5 } });
      const report = await drift.until("the drift told", () => (drift.workload("web")?.drift.length ?? 0) > 0);
      expect(report.workloads[0]?.drift).toEqual([{ field: "spec.replicas", git: "2", live: "5" }]);
      await until("two replicas again", async () => {
        const live = await get(deploymentKind, "drift", "web");
        return (live?.spec as { replicas?: number } | undefined)?.replicas === 2;
      });
      await drift.until("the drift gone", () => drift.workload("web")?.drift.length === 0);
      await world.client.remove(configMapKind, "drift", "settings");
      await until("the deleted object back", () => get(configMapKind, "drift", "settings"));
    });

    test("leaves fields alone that Git does not name", async () => {
      const extra = await world.environment("extra", {
        "extra/all.yaml": together(namespace("extra"), deployment("extra", "web")),
      });
      await extra.untilVerdict("web", "healthy");
      await world.client.patch(deploymentKind, "extra", "web", { metadata: { annotations: { note: "by hand" } } });
      await extra.deliver({
        "extra/all.yaml": together(namespace("extra"), deployment("extra", "web", "1.1.0")),
      });
      await extra.untilVerdict("web", "healthy");
      expect((await get(deploymentKind, "extra", "web"))?.metadata.annotations?.note).toBe("by hand");
    });

    test("removes what Git no longer names", async () => {
      const prune = await world.environment("prune", {
        "prune/all.yaml": together(namespace("prune"), configMap("prune", "kept"), configMap("prune", "also-kept")),
        "prune/old.yaml": configMap("prune", "old"),
      });
      await prune.until("four objects", (report) => report.applied !== undefined && report.objects === 4);
      await prune.deliver({ "prune/old.yaml": null });
      await until("the object gone", () => isGone(configMapKind, "prune", "old"));
      expect(await isGone(configMapKind, "prune", "kept")).toBe(false);
    });

    test("tells an image that cannot be pulled as failed, with the pod's own words, while the old pods run on", async () => {
      const bad = await world.environment("bad", {
        "bad/all.yaml": together(namespace("bad"), deployment("bad", "web"), deployment("bad", "other")),
      });
      await bad.untilVerdict("web", "healthy");
      await bad.deliver({
        "bad/all.yaml": together(namespace("bad"), deployment("bad", "web", "missing"), deployment("bad", "other")),
      });
      await bad.untilVerdict("web", "failed");
      const [evidence] = bad.workload("web")!.verdict.evidence;
      expect(evidence?.reason).toMatch(/ErrImagePull|ImagePullBackOff/);
      expect(evidence?.message).toContain("registry.shop.example/web:missing");
      expect(bad.workload("web")!.containers[0]!.running.some(({ image }) => image.endsWith(":1.0.0"))).toBe(true);
      await bad.untilVerdict("other", "healthy");
    });

    test("tells a crash loop as failed, and the mended version as healthy again", async () => {
      const crash = await world.environment("crash", {
        "crash/all.yaml": together(namespace("crash"), deployment("crash", "web", "crash")),
      });
      await crash.untilVerdict("web", "failed");
      // The pod takes turns between the end of one try and the wait for the next.
      expect(crash.workload("web")!.verdict.evidence[0]?.reason).toMatch(/^(CrashLoopBackOff|Error)$/);
      await crash.deliver({ "crash/all.yaml": together(namespace("crash"), deployment("crash", "web", "1.0.1")) });
      await crash.untilVerdict("web", "healthy");
    });

    test("keeps the objects of a file that cannot be read, applies the other files, and says file and line", async () => {
      const broken = await world.environment("broken", {
        "broken/all.yaml": together(namespace("broken"), configMap("broken", "a"), configMap("broken", "b")),
        "broken/web.yaml": deployment("broken", "web"),
      });
      await broken.untilVerdict("web", "healthy");
      await broken.deliver({
        "broken/all.yaml": together(namespace("broken"), configMap("broken", "a", "two"), configMap("broken", "b")),
        "broken/web.yaml": `${deployment("broken", "web")}\n  : [broken\n`,
      });
      const changed = await until("the other file applied", async () => {
        const live = await get(configMapKind, "broken", "a");
        return (live?.data as { value?: string })?.value === "two" && live;
      });
      expect(changed).toBeDefined();
      expect(await isGone(deploymentKind, "broken", "web")).toBe(false);
      const problem = broken.report?.problems.find(({ file }) => file === "broken/web.yaml");
      expect(problem?.line).toBeGreaterThan(1);
    });

    test("one object the cluster refuses does not keep the others from being applied", async () => {
      const refused = await world.environment("refused", {
        "refused/all.yaml": together(namespace("refused"), configMap("nowhere", "lost"), configMap("refused", "fine")),
      });
      const report = await refused.until("the refusal told", ({ problems }) => problems.length > 0);
      expect(report.problems).toHaveLength(1);
      expect(report.problems[0]).toMatchObject({ file: "refused/all.yaml", line: 5 });
      expect(report.problems[0]?.message).toContain("nowhere");
      expect(report.applied).toBeUndefined();
      expect(await isGone(configMapKind, "refused", "fine")).toBe(false);
    });

    test("prunes nothing when a configured path is missing or empty, and says so", async () => {
      const empty = await world.environment(
        "empty",
        {
          "empty/a/all.yaml": together(namespace("empty"), configMap("empty", "a")),
          "empty/b/b.yaml": configMap("empty", "b"),
        },
        ["empty/a", "empty/b"],
      );
      await empty.until("three objects", (report) => report.applied !== undefined && report.objects === 3);
      await empty.deliver({ "empty/b/b.yaml": null, "empty/b/README.md": "nothing here\n" });
      expect(empty.report?.problems.map(({ file }) => file)).toEqual(["empty/b"]);
      expect(await isGone(configMapKind, "empty", "b")).toBe(false);
    });

    test("asks a person before more than half of an environment goes, and takes a commit as the answer", async () => {
      const files = Object.fromEntries(["a", "b", "c"].map((name) => [`half/${name}.yaml`, configMap("half", name)]));
      const half = await world.environment("half", { "half/space.yaml": namespace("half"), ...files });
      await half.until("four objects", (report) => report.applied !== undefined && report.objects === 4);
      await half.deliver({ "half/a.yaml": null, "half/b.yaml": null, "half/c.yaml": null });
      const { prune } = await half.until("the question", (report) => report.prune !== undefined);
      expect(prune).toMatchObject({ objects: ["ConfigMap half/a", "ConfigMap half/b", "ConfigMap half/c"], of: 4 });
      expect(await isGone(configMapKind, "half", "a")).toBe(false);
      await half.deliver({}, `Not for this one\n\nSluice-Prune: elsewhere ${prune!.hash}\n`);
      expect(half.report?.prune?.hash).toBe(prune!.hash);
      await half.deliver({}, `Yes\n\nSluice-Prune: half ${prune!.hash}\n`);
      await half.until("the answer taken", (report) => report.prune === undefined);
      await until("the objects gone", () => isGone(configMapKind, "half", "a"));
    });

    test("does not delete what somebody else made anew under the same name", async () => {
      const foreign = await world.environment("foreign", {
        "foreign/all.yaml": together(namespace("foreign"), configMap("foreign", "kept"), configMap("foreign", "too")),
        "foreign/theirs.yaml": configMap("foreign", "theirs"),
      });
      await foreign.until("four objects", (report) => report.applied !== undefined && report.objects === 4);
      await foreign.stop();
      await world.client.remove(configMapKind, "foreign", "theirs");
      const theirs: KubeObject = { ...configMapKind, metadata: { name: "theirs", namespace: "foreign" } };
      await world.client.apply(theirs, { fieldManager: "somebody" });
      foreign.repository.commit({ "foreign/theirs.yaml": null });
      const again = await world.follow("foreign", foreign.repository);
      await again.until("three objects", (report) => report.applied !== undefined && report.objects === 3);
      expect(await isGone(configMapKind, "foreign", "theirs")).toBe(false);
    });

    test("a new agent takes over from its dead predecessor: it knows what to prune", async () => {
      const before = await world.environment("heir", {
        "heir/all.yaml": together(namespace("heir"), configMap("heir", "kept"), configMap("heir", "also")),
        "heir/old.yaml": configMap("heir", "old"),
      });
      await before.until("four objects", (report) => report.applied !== undefined && report.objects === 4);
      await before.stop();
      before.repository.commit({ "heir/old.yaml": null });
      await world.follow("heir", before.repository);
      await until("the object gone", () => isGone(configMapKind, "heir", "old"));
    });

    test("sends what runs as YAML that Git could hold: no Secret, nothing a controller made or the cluster added", async () => {
      const shown = await world.environment("shown", {
        "shown/all.yaml": together(
          namespace("shown"),
          deployment("shown", "web"),
          cronJob("shown", "tick"),
          configMap("shown", "settings"),
          "apiVersion: v1\nkind: Service\nmetadata: { name: web, namespace: shown }\nspec: { ports: [{ port: 80 }] }\n",
          "apiVersion: v1\nkind: Secret\nmetadata: { name: key, namespace: shown }\nstringData: { key: hidden }\n",
        ),
      });
      await shown.untilVerdict("web", "healthy");
      const text = await shown.exported();
      const read = readManifests(text);
      const objects = read.ok ? read.file.objects.map((entry) => entry.object) : [];
      expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
        "Namespace shown",
        "Service web",
        "Deployment web",
        "CronJob tick",
      ]);
      expect(text).not.toMatch(/hidden|managedFields|resourceVersion|uid:|clusterIP|^status:/m);
      for (const object of objects)
        await world.client.apply(object, { fieldManager: "again", force: true, dryRun: true });
      expect((objects[2]!.spec as { template: object }).template).toMatchObject({
        spec: { containers: [{ image: "registry.shop.example/web:1.0.0" }] },
      });
    });

    test("makes a Job again that asks for it, and tells of one that does not, without touching it", async () => {
      const asks = "annotations: { sluice.dev/replace: 'true' }";
      const jobs = await world.environment("jobs", {
        "jobs/space.yaml": namespace("jobs"),
        "jobs/again.yaml": job("jobs", "again", "1.0.0", asks),
        "jobs/once.yaml": job("jobs", "once"),
      });
      await jobs.until("three objects", (report) => report.applied !== undefined && report.objects === 3);
      const before = await get(jobKind, "jobs", "again");
      const once = await get(jobKind, "jobs", "once");
      await jobs.deliver({
        "jobs/again.yaml": job("jobs", "again", "1.1.0", asks),
        "jobs/once.yaml": job("jobs", "once", "1.1.0"),
      });
      const after = await get(jobKind, "jobs", "again");
      expect(imageOf(after)).toBe("registry.shop.example/again:1.1.0");
      expect(after?.metadata.uid).not.toBe(before?.metadata.uid);
      expect((await get(jobKind, "jobs", "once"))?.metadata.uid).toBe(once?.metadata.uid);
      expect(jobs.report?.problems).toHaveLength(1);
      expect(jobs.report?.problems[0]?.file).toBe("jobs/once.yaml");
      expect(jobs.report?.problems[0]?.message).toMatch(/immutable.*sluice\.dev\/replace: "true"/s);
    });

    test("deletes nothing for a new version that the cluster would not take", async () => {
      const asks = "annotations: { sluice.dev/replace: 'true' }";
      const kept = await world.environment("kept", {
        "kept/all.yaml": together(namespace("kept"), job("kept", "again", "1.0.0", asks)),
      });
      await kept.until("two objects", (report) => report.applied !== undefined && report.objects === 2);
      const before = await get(jobKind, "kept", "again");
      const bad = job("kept", "again", "1.1.0", asks).replace("Never", "Always");
      await kept.deliver({ "kept/all.yaml": together(namespace("kept"), bad) });
      await kept.until("the refusal told", ({ problems }) => problems.length > 0);
      const after = await get(jobKind, "kept", "again");
      expect(after?.metadata.uid).toBe(before?.metadata.uid);
      expect(after?.metadata.deletionTimestamp).toBeUndefined();
    });

    test("makes a Deployment again that asks for it when its selector changes", async () => {
      const asks = deployment("select", "web").replace(
        "name: web,",
        "name: web, annotations: { sluice.dev/replace: 'true' },",
      );
      const select = await world.environment("select", { "select/all.yaml": together(namespace("select"), asks) });
      await select.untilVerdict("web", "healthy");
      await select.deliver({
        "select/all.yaml": together(namespace("select"), asks.replaceAll("{ app: web }", "{ app: web, part: one }")),
      });
      await select.untilVerdict("web", "healthy");
      expect(select.report?.problems).toEqual([]);
      const made = await get(deploymentKind, "select", "web");
      expect(made?.spec).toMatchObject({ selector: { matchLabels: { app: "web", part: "one" } } });
    });

    test("reports the images that the environment's document names, applies nothing else for it and prunes nothing", async () => {
      const marked = `apiVersion: v1
kind: ConfigMap
metadata: { name: runner, namespace: told }
data:
  runs: registry.shop.example/runner:2 # {"$imagepolicy": "flux-system:runner"}
`;
      const told = await world.environment("told", {
        "told/all.yaml": together(namespace("told"), configMap("told", "plain", "registry.shop.example/plain:1")),
        "told/marked.yaml": marked,
        "elsewhere/kustomization.yaml": "images: [{ name: web, newTag: '1.0.0' }]\n",
      });
      await told.until("three objects", (report) => report.applied !== undefined && report.objects === 3);
      told.learns({
        fields: [{ kind: "ConfigMap", path: "data.value" }],
        files: [
          { path: "elsewhere/kustomization.yaml", kind: "kustomization", namespace: "told", name: "web" },
          { path: "told/all.yaml", kind: "values", namespace: "told", name: "all" },
        ],
      });
      const report = await told.until("the rules followed", ({ workloads }) => workloads.length > 2);
      const images = report.workloads.map(({ id, verdict, containers }) => [id, verdict.state, containers[0]!.image]);
      expect(images.sort()).toEqual([
        ["told:configmap/plain", "applied", "registry.shop.example/plain:1"],
        ["told:configmap/runner", "applied", "registry.shop.example/runner:2"],
        ["told:kustomization/web", "applied", "web:1.0.0"],
      ]);
      expect(report.objects).toBe(3);
      expect(await isGone(configMapKind, "told", "plain")).toBe(false);
    });

    test("definitions come before what they define, in one round from an empty cluster", async () => {
      const crd = await world.environment("crd", {
        "crd/all.yaml": together(namespace("crd"), definition, gate),
      });
      await crd.until("all applied", (report) => report.applied !== undefined && report.problems.length === 0);
      const made = await world.client.get({ apiVersion: "shop.example/v1", kind: "Barrier" }, undefined, "main");
      expect(made?.spec).toEqual({ height: 3 });
      await crd.deliver({ "crd/more.yaml": configMap("crd", "more") });
      const still = await world.client.get({ apiVersion: "shop.example/v1", kind: "Barrier" }, undefined, "main");
      expect(still?.metadata.uid).toBe(made?.metadata.uid);
    });
  });
}

/** The image of an object's first container. */
function imageOf(object: KubeObject | undefined): string | undefined {
  const spec = object?.spec as { template?: { spec?: { containers?: { image: string }[] } } } | undefined;
  return spec?.template?.spec?.containers?.[0]?.image;
}

const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: barriers.shop.example }
spec:
  group: shop.example
  scope: Cluster
  names: { kind: Barrier, plural: barriers, singular: barrier, listKind: BarrierList }
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties: { spec: { type: object, properties: { height: { type: integer } } } }
`;
const gate = `apiVersion: shop.example/v1
kind: Barrier
metadata: { name: main }
spec: { height: 3 }
`;
