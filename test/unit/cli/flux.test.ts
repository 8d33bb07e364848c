import { expect, test } from "vitest";
import type { FluxJob, FluxWorkload } from "../../../src/model/flux.ts";
import {
  base,
  type Call,
  catalogue,
  done,
  environment,
  matrix,
  posted,
  promotion,
  refused,
  runAgainst,
  update,
} from "./fluxServer.ts";

const orders = "shop:deployment/orders";

function workload(ID: string, image: string, more: Partial<FluxWorkload> = {}): FluxWorkload {
  const name = ID.replace(/.*\//, "");
  return {
    ID,
    Containers: [{ Name: name, Current: { ID: image, Labels: {} }, LatestFiltered: { ID: "", Labels: {} } }],
    ReadOnly: "",
    Status: "ready",
    Rollout: { Desired: 1, Updated: 1, Ready: 1, Available: 1, Outdated: 0 },
    SyncError: "",
    Antecedent: "",
    Labels: {},
    Automated: false,
    Locked: false,
    Ignore: false,
    Policies: {},
    ...more,
  };
}
const shop = [
  workload(orders, "r.io/shop/orders:1"),
  workload(catalogue, "r.io/shop/catalogue:1", { Automated: true }),
];

const run = (
  args: string,
  answers: Parameters<typeof runAgainst>[0] = {},
  more: Parameters<typeof runAgainst>[2] = {},
) =>
  runAgainst(
    { [`GET ${base}/v6/services`]: () => shop, [`GET ${base}/v11/services`]: () => shop.slice(1), ...answers },
    args,
    more,
  );

test("list-workloads of an environment is fluxctl's table, in order, with trouble beside it", async () => {
  const away = { ...matrix, environments: [{ ...environment, agent: { connected: false } }] };
  const ran = await run("list-workloads -e dev", { "GET /api/v1/matrix": () => away });
  expect(ran.out).toBe(
    [
      "WORKLOAD                   CONTAINER  IMAGE                  RELEASE  POLICY",
      "shop:deployment/catalogue  catalogue  r.io/shop/catalogue:1  ready    automated",
      "shop:deployment/orders     orders     r.io/shop/orders:1     ready    ",
      "",
    ].join("\n"),
  );
  expect(ran.err).toBe("dev: the agent is away\n");
  const one = await run("list-workloads -e dev -n shop -c orders --no-headers");
  expect(one.out).toBe("shop:deployment/orders  orders  r.io/shop/orders:1  ready  \n");
  expect(one.calls[0]?.query).toEqual({ namespace: "shop" });
  const named = await run("list-workloads --no-headers", {}, { env: { SLUICE_ENVIRONMENT: "dev" } });
  expect(named.out).toContain("automated\n");
  const json = await run("list-controllers -e dev -a --output-format json");
  expect((JSON.parse(json.out) as FluxWorkload[]).map(({ ID }) => ID)).toEqual([catalogue, orders]);
});

test("list-images of an environment takes a short name, or none for all", async () => {
  const images = (call: Call) => [
    {
      ID: catalogue,
      Containers: [{ ...shop[1]!.Containers![0]!, Available: [{ ID: "r.io/shop/catalogue:1", Labels: {} }] }],
    },
    ...(call.query.service === "<all>" ? [{ ID: "shop:deployment/a", Containers: [] }] : []),
  ];
  const answers = { [`GET ${base}/v10/images`]: images };
  const one = await run("list-images -e dev -wcatalogue --no-headers", answers);
  expect(one.out).toBe(`${catalogue}  catalogue  r.io/shop/catalogue  \n${" ".repeat(38)}'-> 1                \n`);
  expect(one.calls.at(-1)?.query).toEqual({ service: catalogue, namespace: "" });
  const all = await run("list-images -e dev -n shop -o tab", answers);
  expect(all.calls[0]?.query).toEqual({ service: "<all>", namespace: "shop" });
  expect(all.out.split("\n")[1]).toMatch(/^shop:deployment\/a /);
});

test("a release prints fluxctl's table, the commit, and where to follow it", async () => {
  const ran = await run("release -e dev --workload catalogue,shop:Deployment/orders --update-all-images -m why");
  expect(ran).toMatchObject({ code: 0 });
  expect(ran.out).toBe(
    `WORKLOAD                   STATUS   UPDATES\n${catalogue}  success  catalogue: r.io/shop/catalogue:1 -> 2\n`,
  );
  expect(ran.err).toMatch(
    /^Submitting release \.\.\.\nCommit pushed:\t9c1d0f2\nRelease:\tr-7f3k {2}http.*\/releases\/r-7f3k\nCommit applied:\t9c1d0f2\n$/,
  );
  expect(posted(ran)).toEqual([
    {
      type: "image",
      cause: { User: "Ada <ada@example.org>", Message: "why" },
      spec: {
        ServiceSpecs: ["catalogue", "shop:deployment/orders"],
        ImageSpec: "<all latest>",
        Kind: "execute",
        Excludes: [],
        Force: false,
      },
    },
  ]);
});

test("a commit that is not applied in time, or not from this branch, is no success", async () => {
  const release = "release -e dev catalogue --update-all-images --timeout 80ms";
  const slow = { "GET /api/v1/environments/dev/sync": () => ({ pending: ["a"], tried: false, problems: [] }) };
  const late = await run(release, { ...slow, "GET /api/v1/promotions/r-7f3k": () => promotion("under way") });
  expect(late.code).toBe(4);
  expect(late.err).toContain(
    "The commit is pushed; it is not applied yet. We timed out waiting; it goes on without you.\n",
  );
  expect(late.err).toMatch(/why {2}orders cannot pull\nLook again: sluice releases r-7f3k --watch\n$/);
  const error = { code: "not_found", message: "there is no commit 9c1d0f2 in main, which dev applies", help: "" };
  const elsewhere = { "GET /api/v1/environments/dev/sync": () => refused(404, { error }) };
  const other = await run(release, elsewhere);
  expect(other.code).toBe(4);
  expect(other.err).toContain(`Not applied yet: ${error.message}\n`);
  const text = "dev waits for its review: commit 9c1d0f2 is on review/r-7f3k/dev";
  const reviewed = {
    ...promotion("waiting"),
    releases: [{ state: { step: "in review" } }],
    why: { text, next: "merge it", evidence: [] },
  };
  const review = await run(release, { ...slow, "GET /api/v1/promotions/r-7f3k": () => reviewed });
  expect([review.code, review.err.split("\n").at(-2)]).toEqual([4, `Not applied yet: ${text}; merge it`]);
});

test("a dry run writes nothing and says what would change; -v also says what was skipped", async () => {
  const result = { ...done().Result?.result, [orders]: { Status: "skipped", Error: "locked" } } as const;
  const answers = { [`GET ${base}/v6/jobs`]: () => done({ Result: { result } }) };
  const ran = await run("release -e dev --all -n shop --exclude orders -i r.io/shop/catalogue:2 -v --dry-run", answers);
  expect(ran).toMatchObject({ code: 0, err: "Submitting dry-run release ...\n" });
  expect(ran.out).toContain(`${orders}     skipped  locked\n`);
  expect(posted(ran)).toMatchObject([
    { spec: { ServiceSpecs: ["<all>"], ImageSpec: "r.io/shop/catalogue:2", Kind: "plan", Excludes: ["shop/orders"] } },
  ]);
});

test("the exit code says how a release went: a lock on what was named refuses, and what failed is shown", async () => {
  const locked = { [orders]: { Status: "skipped", Error: "locked" } } as const;
  const answers = (job: FluxJob) => ({ [`GET ${base}/v6/jobs`]: () => job });
  const skipping = await run(
    "release -e dev orders --update-all-images",
    answers(done({ Result: { result: locked } })),
  );
  expect(skipping).toMatchObject({ code: 0 });
  expect(skipping.err).toMatch(/Nothing changes: 1 skipped; -v shows why\n$/);
  const refusing = answers(done({ Result: { result: locked }, Err: "locked by ana: audit", StatusString: "failed" }));
  const refusedBy = await run("release -e dev orders --update-all-images -v", refusing);
  expect(refusedBy).toMatchObject({ code: 3 });
  expect(refusedBy.out).toContain("skipped  locked");
  expect(refusedBy.err).toContain("sluice: locked by ana: audit\n");
  const failed = { [orders]: { Status: "failed", Error: "not found in repository" } } as const;
  const ran = await run("release -e dev orders --update-all-images", answers(done({ Result: { result: failed } })));
  expect(ran).toMatchObject({ code: 1 });
  expect(ran.out).toContain("failed   not found in repository");
  const broken = answers(done({ Result: { result: failed }, Err: "the branch is protected", StatusString: "failed" }));
  const gone = await run("release -e dev orders --update-all-images", broken);
  expect(gone.code).toBe(1);
  expect(gone.err).toContain("sluice: the branch is protected");
  expect(await run("release -e dev orders --update-all-images", answers(done({ Result: null })))).toMatchObject({
    code: 0,
    err: "Submitting release ...\nNothing to do\n",
  });
});

test("watching ends with what was verified, not with pods that looked ready, and honours --timeout", async () => {
  const watch = "release -e dev catalogue --update-all-images --watch";
  const well = await run(watch);
  expect(well.code).toBe(0);
  expect(well.out).toContain(
    `WORKLOAD                   CONTAINER  IMAGE                  RELEASE  REPLICAS\n${catalogue}  catalogue  r.io/shop/catalogue:1  ready    1/1\n\n`,
  );
  expect(well.err).toMatch(/Monitoring rollout \.\.\.\nAll workloads ready\.\n$/);
  const Messages = ["pod catalogue-1: ErrImagePull: manifest unknown"];
  const stuck = [{ ...shop[1]!, Status: "error", Rollout: { ...shop[1]!.Rollout, Messages } }];
  const failing = {
    [`GET ${base}/v11/services`]: () => stuck,
    "GET /api/v1/promotions/r-7f3k": () => promotion("failed"),
  };
  const badly = await run(watch, failing);
  expect(badly.code).toBe(1);
  expect(badly.err).toContain(`There was a problem releasing ${catalogue}:\n${Messages[0]}\n`);
  const slow = { "GET /api/v1/promotions/r-7f3k": () => promotion("waiting") };
  const late = await run(`${watch} --timeout 100ms`, slow);
  expect(late.code).toBe(4);
  expect(late.err).toContain("orders cannot pull");
  expect(late.err).toContain("sluice releases r-7f3k --watch");
});

test("interactively only what is selected is released", async () => {
  const two = {
    [catalogue]: { Status: "success", PerContainer: [update, { ...update, Container: "proxy" }] },
    [orders]: { Status: "skipped", Error: "locked" },
  } as const;
  const answers = {
    [`GET ${base}/v6/jobs`]: (call: Call) => (call.query.id === "j-1" ? done({ Result: { result: two } }) : done()),
  };
  const plan = {
    [`POST ${base}/v9/update-manifests`]: ({ body }: Call) =>
      (body as { type: string }).type === "image" ? "j-1" : "r-7f3k",
  };
  const command = "release -e dev --all --update-all-images --interactive -v";
  const ran = await run(
    command,
    { ...answers, ...plan },
    { keys: [{ name: "down" }, { name: "space" }, { name: "return" }] },
  );
  expect(ran.code).toBe(0);
  expect(ran.err).toContain("Submitting selected release ...\n");
  expect(ran.err).toContain(
    [
      "    WORKLOAD                   STATUS   UPDATES",
      "  ◉ shop:deployment/catalogue  success  catalogue: r.io/shop/catalogue:1 -> 2",
      "⇒ ◯                                     proxy: r.io/shop/catalogue:1 -> 2",
      "    shop:deployment/orders     skipped  locked",
      "",
      "Use arrow keys and [Space] to toggle updates; hit [Enter] to release selected.",
    ].join("\n"),
  );
  expect(posted(ran)[1]).toMatchObject({ type: "containers", spec: { ContainerSpecs: { [catalogue]: [update] } } });

  const left = await run(command, { ...answers, ...plan }, { keys: [{ name: "q" }] });
  expect(left.code).toBe(1);
  expect(left.err).toMatch(/Aborted\.\n$/);
  expect(posted(left)).toHaveLength(1);
  const nothing = await run(command, { [`GET ${base}/v6/jobs`]: () => done({ Result: { result: {} } }) }, { keys: [] });
  expect(nothing).toMatchObject({ code: 0 });
  expect(nothing.err).toMatch(/No changes found\.\n$/);
});

test("an environment that is not there is told with the server's help", async () => {
  const help = 'There is no environment "dve".\n\nThere is dev.\n';
  const answers = {
    "GET /api/flux/dve/v6/services": () =>
      refused(404, { type: "missing", error: 'There is no environment "dve".', help }),
  };
  const ran = await run("list-workloads -e dve", answers);
  expect(ran).toMatchObject({ code: 1, out: "", err: 'sluice: There is no environment "dve".\n  There is dev.\n' });
});

test("promote names what stays and what is forced, as release does", async () => {
  const place = { kind: "environment", environment: "dev" } as const;
  const plan = { target: place, source: { kind: "registry" }, gates: [], order: "parallel", plans: [] };
  const ran = await run("promote payment --to prod --exclude cart,search -f -m why --dry-run", {
    "POST /api/v1/plans": () => plan,
  });
  expect(posted(ran)).toEqual([
    {
      target: "prod",
      selection: [{ workload: "payment" }],
      exclude: ["cart", "search"],
      force: true,
      message: "why",
    },
  ]);
});
