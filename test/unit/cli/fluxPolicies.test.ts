import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../support/repository.ts";
import {
  base,
  type Call,
  catalogue,
  commit,
  done,
  environment,
  matrix,
  posted,
  refused,
  runAgainst,
} from "./fluxServer.ts";

const run = (args: string, answers: Parameters<typeof runAgainst>[0]) => runAgainst(answers, args);

test("a policy change sends Flux's keys, and a pattern is split off at the first equals sign only", async () => {
  const result = { [catalogue]: { Status: "success" } } as const;
  const answers = { [`GET ${base}/v6/jobs`]: () => done({ Result: { revision: commit, result } }) };
  const tag = await run("policy -e dev -w catalogue --tag catalogue=semver:>=1.0 --tag proxy=* --automate", answers);
  expect(tag).toMatchObject({ code: 0, err: "Commit pushed:\t9c1d0f2\n" });
  expect(tag.out).toBe(`WORKLOAD                   STATUS   UPDATES\n${catalogue}  success  \n`);
  expect(posted(tag)).toMatchObject([
    {
      type: "policy",
      spec: {
        catalogue: {
          add: { "tag.catalogue": "semver:>=1.0", automated: "true" },
          remove: { "tag.proxy": "true" },
        },
      },
    },
  ]);
  const lock = await run("lock -e dev -w catalogue -m audit --user Bob", answers);
  const add = { locked: "true", locked_user: "Bob", locked_msg: "audit" };
  expect(posted(lock)).toMatchObject([{ cause: { User: "Bob" }, spec: { catalogue: { add } } }]);
  const unlock = await run("unlock -e dev catalogue", answers);
  const remove = { locked: "true", locked_msg: "true", locked_user: "true" };
  expect(posted(unlock)).toMatchObject([{ spec: { catalogue: { add: {}, remove } } }]);
});

test("a policy change of a stage shows every environment, and fails when one of them does", async () => {
  const outcomes = [{ workload: catalogue, status: "success" }];
  const changes = [
    { id: "c-1", environment: "prod-eu", state: { end: "succeeded", commit, outcomes } },
    { id: "c-2", environment: "prod-us", state: { step: "queued" } },
  ];
  const reason = "the branch is protected";
  const answers = {
    "POST /api/v1/policy-changes": () => ({ changes }),
    "GET /api/v1/policy-changes/c-2": () => ({ ...changes[1], state: { end: "failed", reason, outcomes: [] } }),
  };
  const ran = await run("lock --to prod -n shop catalogue", answers);
  expect(ran.code).toBe(1);
  expect(ran.out).toBe(
    `ENVIRONMENT  WORKLOAD                   STATUS   UPDATES\nprod-eu      ${catalogue}  success\n`,
  );
  expect(ran.err).toBe(`prod-eu: Commit pushed:\t9c1d0f2\nprod-us: ${reason}\n`);
  expect(ran.calls[0]).toMatchObject({
    user: "Ada",
    body: { target: "prod", updates: [{ workload: "shop/catalogue" }] },
  });
});

test("a failure is told once, and a change that waits for its review says that it does not count yet", async () => {
  const reason = "catalogue has no container x";
  const outcomes = [{ workload: catalogue, status: "failed", text: reason }];
  const failed = [{ id: "c-1", environment: "prod-eu", state: { end: "failed", reason, outcomes } }];
  const ran = await run("policy --to prod catalogue --tag x=1", {
    "POST /api/v1/policy-changes": () => ({ changes: failed }),
  });
  expect([ran.code, ran.err]).toEqual([1, "prod-eu: Nothing was written.\n"]);
  expect(ran.out).toContain(`failed  ${reason}\n`);
  const result = { [catalogue]: { Status: "failed", Error: reason } } as const;
  const job = done({ Result: { result }, Err: reason, StatusString: "failed" });
  const one = await run("policy -e dev catalogue --tag x=1", { [`GET ${base}/v6/jobs`]: () => job });
  expect([one.out, one.err]).toEqual(["", `sluice: ${reason}\n  Nothing was written.\n`]);

  const waiting = { end: "succeeded", commit, branch: "review/c-1", outcomes: [] };
  const change = { id: "r-7f3k", environment: "dev", state: waiting };
  const answers = {
    "GET /api/v1/policy-changes/r-7f3k": () => change,
    "POST /api/v1/policy-changes": () => ({ changes: [change] }),
  };
  for (const command of ["lock -e dev catalogue", "lock --to dev catalogue"])
    expect((await run(command, answers)).err, command).toContain("It counts in dev when review/c-1 is merged.\n");
});

test("sync says what could not be applied and fails, unless that is older than the wish", async () => {
  const git = {
    remote: { url: "https://git.example.com/c.git", branch: "main", path: "" },
    status: "ready",
    errors: "",
  };
  const problems = [{ file: "a.yaml", line: 3, message: "no such kind" }];
  let attempts = 0;
  const answers = (view: object) => ({
    [`POST ${base}/v9/git-repo-config`]: () => git,
    "POST /api/v1/environments/dev/sync": () => ({ commit }),
    "GET /api/v1/environments/dev/sync": () => view,
    "GET /api/v1/matrix": () => {
      attempts++;
      return { ...matrix, environments: [{ ...environment, attempted: { commit, at: attempts < 3 ? 1 : 2 } }] };
    },
  });
  const well = await run("sync -e dev", answers({ pending: [], tried: true, problems: [] }));
  expect(well).toMatchObject({ code: 0 });
  expect(well.err).toBe(
    "Synchronizing with https://git.example.com/c.git\nRevision of main to apply is 9c1d0f2\nWaiting for 9c1d0f2 to be applied ...\nDone.\n",
  );
  attempts = 0;
  const badly = await run("sync -e dev", answers({ pending: [commit], tried: true, problems }));
  expect(badly.code).toBe(1);
  expect(badly.err).toContain("One thing could not be applied:\n  a.yaml:3: no such kind\n");
  expect(attempts).toBeGreaterThan(2);
  const late = await run("sync -e dev --timeout 60ms", answers({ pending: [commit], tried: false, problems: [] }));
  expect(late.code).toBe(4);
});

test("save writes a file for each object, with all of it, and never outside the folder", async () => {
  const folder = temporaryFolder();
  onTestFinished(folder.remove);
  const object = (kind: string, name: string, namespace: string) =>
    `---\napiVersion: v1\nkind: ${kind}\nmetadata: { name: ${name}, namespace: ${namespace} }\ndata: { a: "1" }\n`;
  const text = [
    "---\napiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n",
    object("Deployment", "web", 'shop, annotations: { kubernetes.io/change-cause: "kubectl" }'),
    object("ConfigMap", "..", ".."),
    "# not exported, the agent may not read it: Service in shop\n",
  ].join("");
  const answers = { "GET /api/v1/environments/dev/export": () => text };
  const ran = await run(`save -e dev -o ${folder.path}`, answers);
  expect(ran).toMatchObject({ code: 0, err: "not exported, the agent may not read it: Service in shop\n" });
  expect(ran.out.split("\n")).toEqual([
    `Saving Namespace 'shop' to ${folder.path}/shop-ns.yaml`,
    `Saving Deployment 'web' to ${folder.path}/shop/web-dep.yaml`,
    `Saving ConfigMap '..' to ${folder.path}/_/_-ConfigMap.yaml`,
    "",
  ]);
  const saved = readFileSync(join(folder.path, "shop/web-dep.yaml"), "utf8");
  expect(saved).toBe(
    "---\napiVersion: v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: shop\ndata:\n  a: '1'\n",
  );
  const shown = await run("save -e dev", answers);
  expect(shown.out).toContain(saved);
  const broken = await run("save -e dev", { "GET /api/v1/environments/dev/export": () => "--- [" });
  expect(broken).toMatchObject({ code: 1, out: "" });
});

test("identity prints the key, or its fingerprint and picture", async () => {
  const md5 = { hash: "de:ad", randomart: "+--+\n" };
  const publicSSHKey = { key: "ssh-ed25519 AAAA sluice\n", fingerprints: { md5, sha256: md5 } };
  const answers = {
    [`POST ${base}/v9/git-repo-config`]: ({ body }: Call) =>
      body ? refused(422, { type: "user", error: "no", help: "no\n\nMake one yourself.\n" }) : { publicSSHKey },
  };
  expect(await run("identity -e dev", answers)).toMatchObject({ code: 0, out: "ssh-ed25519 AAAA sluice\n" });
  expect(await run("identity -e dev -l", answers)).toMatchObject({ out: "de:ad\n" });
  expect(await run("identity -e dev -v", answers)).toMatchObject({ out: "de:ad\n+--+\n" });
  expect(await run("identity -e dev -r", answers)).toMatchObject({
    code: 3,
    err: "sluice: no\n  Make one yourself.\n",
  });
});
