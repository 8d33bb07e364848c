import { afterEach, beforeEach, expect, test } from "vitest";
import type { FluxGitConfig, FluxImages, FluxWorkload } from "../../../src/model/flux.ts";
import { FluxCalls } from "../../support/flux.ts";
import { git } from "../../support/repository.ts";
import { until } from "../../support/until.ts";
import { startWorld, type World } from "../../support/world.ts";

const web = "shop:deployment/web";
const cart = "shop:deployment/cart";
const name = (image: string) => `registry.shop.example/shop/${image}`;
const newest = { ServiceSpecs: ["<all>"], ImageSpec: "<all latest>", Kind: "execute", Excludes: null, Force: false };

let world: World;
let flux: FluxCalls;
beforeEach(async () => {
  world = await startWorld({
    environments: ["dev"],
    workloads: { web: { web: "1.0.0", proxy: "2.0.0" }, cart: { cart: "1.0.0" } },
    images: { web: ["1.0.0", "1.1.0"], proxy: ["2.0.0"], cart: ["1.0.0", "1.1.0"] },
  });
  flux = new FluxCalls(world.url, "dev");
  await until("the registry read and everything reported", async () => {
    const [first] = await flux.get<FluxImages[]>("/v6/images?service=shop%3Adeployment%2Fcart");
    return first?.Containers?.[0]?.AvailableImagesCount === 2 && (await ready()).length === 2;
  });
});
afterEach(() => world.stop());

const head = () => git(world.bare, "rev-parse", "main").trim();
const workloads = () => flux.get<FluxWorkload[]>("/v6/services?namespace=");
const ready = async () => (await workloads()).filter(({ Status }) => Status === "ready");
const workload = async (id: string) => (await workloads()).find(({ ID }) => ID === id);

test("a workload's state, rollout and trouble follow the agent's report, and nobody is ready while it is away", async () => {
  expect(await workload(web)).toEqual({
    ID: web,
    Containers: [
      { Name: "web", Current: { ID: name("web:1.0.0"), Labels: {} }, LatestFiltered: { ID: "", Labels: {} } },
      { Name: "proxy", Current: { ID: name("proxy:2.0.0"), Labels: {} }, LatestFiltered: { ID: "", Labels: {} } },
    ],
    ReadOnly: "",
    Status: "ready",
    Rollout: { Desired: 1, Updated: 1, Ready: 1, Available: 1, Outdated: 0, Messages: null },
    SyncError: "",
    Antecedent: "",
    Labels: {},
    Automated: false,
    Locked: false,
    Ignore: false,
    Policies: {},
  });
  world.agent.behave = ({ name: own }) => (own === "web" ? "failed" : "rolling out");
  await world.agent.report("dev");
  await until("the failure to be told", async () => (await workload(web))?.Status === "error");
  expect((await workload(web))?.Rollout.Messages).toEqual(["CrashLoopBackOff: told to fail"]);
  expect(await workload(cart)).toMatchObject({ Status: "updating", Rollout: { Messages: null } });
  await world.agent.stop();
  await until("the agent to be away", async () => (await workload(web))?.Status === "unknown");
});

test("what runs and is not in Git is listed and cannot be changed; Git's version counts as started until it is applied", async () => {
  world.agent.paused = true;
  world.commit({ "clusters/dev/cart.yaml": null }, "No cart");
  await until("Git to be read", async () => (await workload(cart))?.ReadOnly === "NotInRepo");
  await flux.update("image", newest);
  await until("the release to be seen", async () => (await workload(web))?.Status === "started");
  expect((await workload(web))?.Containers?.[0]?.Current.ID).toBe(name("web:1.0.0"));
});

test("workloads are picked by namespace or by name, not by both", async () => {
  const ids = async (query: string) => (await flux.get<FluxWorkload[]>(`/v11/services?${query}`)).map(({ ID }) => ID);
  expect(await ids("namespace=shop&services=")).toEqual([cart, web]);
  expect(await ids("namespace=other")).toEqual([]);
  expect(await ids(`namespace=&services=${encodeURIComponent(`${web},shop:deployment/none`)}`)).toEqual([web]);
  expect(await flux.refusal("GET", `/v6/services?namespace=shop&services=${web}`)).toMatchObject({
    status: 422,
    type: "user",
    error: "cannot filter by 'namespace' and 'workloads' at the same time",
  });
});

test("images come newest first under the name that is written, with counts, and only the fields asked for", async () => {
  const [images] = await flux.get<FluxImages[]>(`/v10/images?containerFields=&namespace=&service=${web}`);
  expect(images?.Containers?.[0]).toMatchObject({
    Name: "web",
    Current: { ID: name("web:1.0.0"), Digest: expect.stringMatching(/^sha256:/), CreatedAt: expect.any(String) },
    LatestFiltered: { ID: name("web:1.1.0") },
    Available: [{ ID: name("web:1.1.0") }, { ID: name("web:1.0.0") }],
    AvailableImagesCount: 2,
    NewAvailableImagesCount: 1,
    FilteredImagesCount: 2,
    NewFilteredImagesCount: 1,
  });
  const [few] = await flux.get<FluxImages[]>(`/v10/images?containerFields=Name,FilteredImagesCount&service=${cart}`);
  const none = { ID: "", Labels: {} };
  expect(few?.Containers).toEqual([{ Name: "cart", Current: none, LatestFiltered: none, FilteredImagesCount: 2 }]);
  expect(await flux.refusal("GET", "/v10/images?containerFields=Nope")).toMatchObject({
    status: 422,
    error: "Nope is an invalid field",
  });
});

test("a dry run is done when its id comes back, names no revision, changes nothing and is still known after a restart", async () => {
  const before = head();
  const id = await flux.update("image", { ...newest, Kind: "plan", Excludes: [cart] });
  const update = { Container: "web", Current: name("web:1.0.0"), Target: name("web:1.1.0") };
  const job = {
    Result: {
      result: {
        [web]: { Status: "success", PerContainer: [update] },
        [cart]: { Status: "ignored", Error: "excluded", PerContainer: null },
      },
    },
    Err: "",
    StatusString: "succeeded",
  };
  expect(await flux.job(id)).toEqual(job);
  await world.restart();
  flux = new FluxCalls(world.url, "dev");
  expect(await flux.job(id)).toEqual(job);
  expect(head()).toBe(before);
});

test("a release is written by the user who asked, and its job stays readable over a restart", async () => {
  const cause = { Message: "for the sale", User: "Ada <ada@example.org>" };
  const spec = { ...newest, ServiceSpecs: [web] };
  const id = await flux.update("image", spec, cause);
  const job = await flux.ended(id);
  expect(job).toMatchObject({
    Result: {
      revision: head(),
      result: { [web]: { Status: "success" }, [cart]: { Status: "ignored", Error: "not included" } },
    },
    Err: "",
  });
  expect(git(world.bare, "log", "-1", "--format=%an <%ae>%n%B", "main")).toMatch(
    /^Ada <ada@example\.org>\nRelease web 1\.1\.0 to dev\n\nfor the sale\n\nSluice-Release: /,
  );
  await world.restart();
  flux = new FluxCalls(world.url, "dev");
  expect(await flux.job(id)).toEqual(job);
});

test("containers go together: one that Git names differently by now fails them all, unless it may be skipped", async () => {
  const pick = (container: string, from: string, to: string) => ({
    Container: container,
    Current: name(`${container}:${from}`),
    Target: name(`${container}:${to}`),
  });
  const spec = {
    Kind: "execute",
    ContainerSpecs: { [web]: [pick("web", "0.9.0", "1.1.0")], [cart]: [pick("cart", "1.0.0", "1.1.0")] },
    SkipMismatches: false,
    Force: false,
  };
  const before = head();
  expect(await flux.ended(await flux.update("containers", spec))).toMatchObject({
    Err: `cannot satisfy specs: ${web}: container(s) tag mismatch: web`,
    StatusString: "failed",
  });
  expect(head()).toBe(before);
  const skipped = await flux.ended(await flux.update("containers", { ...spec, SkipMismatches: true }));
  expect(skipped.Result?.result).toMatchObject({ [cart]: { Status: "success" }, [web]: { Status: "skipped" } });
  expect(world.file("clusters/dev/cart.yaml")).toContain("cart:1.1.0");
  const none = await flux.update("containers", { ...spec, ContainerSpecs: {} });
  expect(await flux.job(none)).toEqual({ Err: "no changes found", StatusString: "failed" });
  const other = { ...spec, ContainerSpecs: { [web]: [{ ...pick("web", "1.0.0", "1.1.0"), Target: "nginx:1" }] } };
  expect(await flux.refusal("POST", "/v9/update-manifests", { type: "containers", spec: other })).toMatchObject({
    status: 422,
    error: expect.stringContaining("is another image than"),
  });
});

test("what is not applied yet is pending by full and by short name; what the agent cannot apply is told", async () => {
  world.agent.paused = true;
  const before = await world.agent.read("dev");
  const release = await flux.ended(await flux.update("image", { ...newest, ServiceSpecs: [web] }));
  const commit = release.Result!.revision!;
  const pending = (ref: string) => flux.get<string[]>(`/v6/sync?ref=${ref}`);
  expect(await pending(commit)).toEqual([commit]);
  expect(await pending(commit.slice(0, 7))).toEqual([commit]);
  expect(await pending("HEAD")).toEqual([commit]);
  expect(await flux.refusal("GET", "/v6/sync?ref=0000000")).toMatchObject({ status: 404, type: "missing" });
  const sync = await flux.update("sync", {});
  expect(await flux.job(sync)).toEqual({ Result: { revision: commit }, Err: "", StatusString: "succeeded" });
  const tried = (object: string) =>
    world.agent.send({
      type: "report",
      report: {
        ...before,
        attempted: { commit, at: Date.now() },
        problems: [{ object, file: "clusters/dev/x.yaml", line: 3, message: "refused by a webhook" }],
      },
    });
  tried("shop:configmap/rates");
  // A release waits for its own workloads only; a sync for everything.
  await until("the try to be told", async () => (await pending(commit)).length === 0);
  const other = world.commit({ "clusters/dev/note.txt": "hello" }, "A note");
  before.attempted!.commit = other;
  world.agent.send({
    type: "report",
    report: {
      ...before,
      problems: [{ object: web, file: "clusters/dev/web.yaml", line: 3, message: "refused by a webhook" }],
    },
  });
  const refused = await until("the problem to be told", async () => {
    const reply = await flux.refusal("GET", `/v6/sync?ref=${commit}`);
    return reply.error?.includes("webhook") && reply;
  });
  expect(refused).toMatchObject({
    status: 500,
    type: "server",
    error: `${commit.slice(0, 7)} is not wholly applied in dev: 1 object failed.\n\n  ${web}: clusters/dev/web.yaml line 3: refused by a webhook`,
  });
});

test("an environment whose agent never came says so instead of letting people wait, and knows nothing of others' jobs", async () => {
  const document = git(world.bare, "show", "main:sluice/dev.yaml").replaceAll(/(?<!sluice\.)dev/g, "lonely");
  world.commit(
    { "sluice/lonely.yaml": document, "clusters/lonely/cart.yaml": world.file("clusters/dev/cart.yaml") },
    "More",
  );
  const lonely = new FluxCalls(world.url, "lonely");
  await until("the environment", async () => (await lonely.send("GET", "/v11/ping")).status === 204);
  expect((await lonely.get<FluxWorkload[]>("/v6/services?namespace="))[0]).toMatchObject({
    ID: cart,
    Status: "unknown",
  });
  expect(await lonely.refusal("GET", `/v6/sync?ref=${head()}`)).toMatchObject({
    type: "server",
    error: expect.stringMatching(/^No agent of lonely has ever reported/),
  });
  expect((await lonely.refusal("GET", "/v6/export")).error).toContain("lonely");
  const job = await flux.update("policy", { [web]: { add: { locked: "true" }, remove: {} } });
  expect((await lonely.refusal("GET", `/v6/jobs?id=${job}`)).status).toBe(404);
});

test("a release to a branch for review is done when it is pushed, and pending until somebody merges it", async () => {
  const document = git(world.bare, "show", "main:sluice/dev.yaml").replace(
    / {2}commits: .*\n/,
    '  commits: { branch: "review/{release}" }\n',
  );
  world.commit({ "sluice/dev.yaml": document }, "Reviews");
  await until("the document in force", async () =>
    (await (await fetch(`${world.url}/readyz`)).text()).includes(head()),
  );
  const before = head();
  const id = await flux.update("image", { ...newest, ServiceSpecs: [web] });
  const { Result } = await flux.ended(id);
  expect(head()).toBe(before);
  expect(git(world.bare, "log", "-1", "--format=%H", `review/${id}/dev`).trim()).toBe(Result?.revision);
  expect(await flux.get(`/v6/sync?ref=${Result?.revision}`)).toEqual([Result?.revision]);
  git(world.bare, "update-ref", "refs/heads/main", Result!.revision!);
  await flux.update("sync", {});
  await until("the merge to be applied", async () => {
    return (await flux.get<string[]>(`/v6/sync?ref=${Result?.revision}`)).length === 0;
  });
});

test("policies are written as one commit, by every spelling, and an unknown job is told", async () => {
  const id = await flux.update(
    "policy",
    { [web]: { add: { automated: "true" }, remove: {} } },
    { Message: "", User: "Ada" },
  );
  expect(await flux.ended(id)).toEqual({
    Result: { revision: head(), result: { [web]: { Status: "success", PerContainer: null } } },
    Err: "",
    StatusString: "succeeded",
  });
  expect(await workload(web)).toMatchObject({ Automated: true, Policies: { automated: "true" } });
  const patch = { [web]: { add: { locked: "true" }, remove: ["automated"] } };
  const legacy = await flux.send<string>("PATCH", "/v6/policies?user=Ada&message=closed", patch);
  expect((await flux.ended(legacy.json())).StatusString).toBe("succeeded");
  expect(await workload(web)).toMatchObject({ Automated: false, Locked: true });
  expect(await flux.refusal("GET", "/v6/jobs?id=c-nothing")).toMatchObject({ status: 404, type: "missing" });
  expect(await flux.refusal("GET", "/v6/jobs?id=j-nothing")).toMatchObject({ status: 404, type: "missing" });
});

test("old clients' ways to release and to ask for the key still work, and older ones are told so", async () => {
  const query = `service=${web}&image=${name("web:1.1.0")}&kind=execute&exclude=${cart}&user=Ada&message=old`;
  const job = await flux.send<string>("POST", `/v6/update-images?${query}`);
  expect((await flux.ended(job.json())).StatusString).toBe("succeeded");
  expect(world.messages()[0]).toMatch(/^Release web 1\.1\.0 to dev\n\nold\n/);
  expect((await flux.get<{ key: string }>("/v6/identity.pub")).key).toMatch(/^# .*\n$/);
  expect((await flux.refusal("POST", "/v6/identity.pub")).status).toBe(422);
  const config = await flux.send<FluxGitConfig>("POST", "/v9/git-repo-config", false);
  expect(config.json()).toMatchObject({
    remote: { url: world.repository, branch: "main", path: "clusters/dev" },
    publicSSHKey: { key: expect.any(String), fingerprints: { md5: { hash: "none" } } },
    status: "ready",
    errors: "",
  });
  for (const old of ["/v1/services", "/v5/export"])
    expect(await flux.refusal("GET", old), old).toMatchObject({ status: 410, type: "missing" });
  for (const [method, path] of [
    ["GET", "/v6/nothing"],
    ["GET", "/v9/update-manifests"],
    ["DELETE", "/v6/services"],
  ] as const)
    expect(await flux.refusal(method, path), path).toMatchObject({ status: 404, error: "API endpoint not found" });
});

test("bodies that are no update are refused with the field, and a notice is only a wake-up", async () => {
  const post = (body: unknown) => flux.refusal("POST", "/v9/update-manifests", body);
  expect(await post({ type: "auto", spec: {} })).toMatchObject({ status: 400, error: expect.stringContaining("type") });
  expect(await post({ type: "image", spec: { ...newest, ImageSpec: "nginx" } })).toMatchObject({
    error: expect.stringContaining('"nginx" is no image with a tag'),
  });
  expect(await post({ type: "image", spec: { ...newest, ServiceSpecs: [] } })).toMatchObject({ status: 422 });
  expect((await flux.send("POST", "/v11/notify", { Kind: "git", Source: { URL: "x", Branch: "y" } })).status).toBe(202);
  expect((await flux.send("POST", "/v11/notify", { Kind: "image", Source: { Name: name("web") } })).status).toBe(202);
  expect((await flux.send("GET", "/v11/ping")).status).toBe(204);
  expect(await flux.get("/v11/version")).toMatch(/^\d/);
});
