import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeRepository, temporaryFolder } from "../../test/support/repository.ts";
import { Mirror } from "../git/mirror.ts";
import { noImageRules } from "../model/documents.ts";
import { sluiceIdentity } from "../model/identity.ts";
import type { PolicyChange, PolicyUpdate } from "../model/policy.ts";
import { deedsOf, policyEffects } from "../planning/policyMessage.ts";
import { readEnvironmentTree } from "../repositories/trees.ts";
import { type PolicyResult, policyChangeEdit, policyResultOf } from "./policyEdit.ts";

let folder: ReturnType<typeof temporaryFolder>;
let mirror: Mirror;
let start: string;
const places = { paths: ["shop"], images: noImageRules };
const annotated = (name: string, annotations: string) => `apiVersion: apps/v1
kind: Deployment
metadata: # who it is
  name: ${name}
  namespace: shop
${annotations}spec:
  template:
    spec:
      containers:
        - { name: web, image: "shop/web:1" } # keep me
        - { name: side, image: shop/side:2 }
`;
beforeAll(async () => {
  folder = temporaryFolder();
  makeRepository(join(folder.path, "config.git"), {
    "shop/both.yaml": [
      annotated("web", ""),
      annotated("api", '  annotations: { sluice.dev/locked: "true", fluxcd.io/tag.web: glob:old }\n'),
    ].join("---\n"),
    "shop/old.yaml": annotated(
      "old",
      '  annotations:\n    flux.weave.works/automated: "true" # since ever\n    filter.fluxcd.io/side: semver:~2\n',
    ),
  });
  mirror = await Mirror.open(join(folder.path, "config.git"), join(folder.path, "mirror"));
  await mirror.fetch();
  start = (await mirror.head("main"))!;
});
afterAll(async () => {
  await mirror.close();
  folder.remove();
});

const ids = ["web", "api", "old", "gone"].map((name) => `shop:deployment/${name}`);
const word = fc.stringMatching(/^[!-~]([!-~ ]{0,20}[!-~])?$/).map((text) => text.replace(/ +/g, " "));
const pattern = fc.constantFrom("glob:1.*", "1.*", "glob:*", "semver:~1", "semver:>=1 <2", "regexp:^v", "regex:x$");
const add = fc.record(
  {
    automated: fc.constant("true"),
    locked: fc.constant("true"),
    locked_user: word,
    locked_msg: word,
    ignore: fc.constantFrom("true", "sync_only"),
    "tag.web": pattern,
    tag_all: pattern,
  },
  { requiredKeys: [], noNullPrototype: true },
);
const key = fc.constantFrom("automated", "locked", "locked_user", "ignore", "tag.side", "tag_all");
const update = fc.record({
  workload: fc.constantFrom(...ids),
  add,
  remove: fc.uniqueArray(key, { maxLength: 2 }),
});
const updates = fc.uniqueArray(update, { minLength: 1, maxLength: 3, selector: (entry) => entry.workload });

function changeOf(wanted: readonly PolicyUpdate[]): PolicyChange {
  return {
    id: "c-test",
    environment: "dev",
    by: { name: "ana", kind: "person" },
    message: "because",
    createdAt: 0,
    updates: wanted,
    state: { step: "queued" },
    revision: 0,
  };
}
async function policiesAt(commit: string): Promise<Map<string, Record<string, string>>> {
  const { workloads } = await readEnvironmentTree(mirror, commit, places);
  return new Map([...workloads.values()].map(({ id, policy }) => [id, { ...policy.written }]));
}

test("after any changes one after the other, the trailers of their commits tell exactly what changed, and no more", async () => {
  const one = async (change: PolicyChange, head: string): Promise<string> => {
    const told: PolicyResult[] = [];
    const edit = await policyChangeEdit(change, places, (result) => told.push(result))(mirror, head);
    const [result] = told;
    const before = await policiesAt(head);
    const failed = result!.outcomes.filter(({ status }) => status === "failed").map(({ workload }) => workload);
    expect(failed).toEqual(change.updates.map((entry) => entry.workload).filter((id) => !before.has(id)));
    if (edit.kind === "nothing") {
      expect(result!.outcomes.some(({ status }) => status === "success")).toBe(false);
      return head;
    }
    const { files, message } = edit;
    const commit = await mirror.commit({ parent: head, files, message, author: sluiceIdentity, at: 1e12 });
    // Written into the policies there were before, the trailers give those there are now.
    const expected = new Map(before);
    for (const effect of policyEffects(message)) {
      const policies = { ...expected.get(effect.workload), ...effect.set };
      for (const gone of effect.remove) delete policies[gone];
      expect(policies).not.toEqual(expected.get(effect.workload));
      expect(deedsOf(effect)).not.toEqual([]);
      expected.set(effect.workload, policies);
    }
    expect(await policiesAt(commit)).toEqual(expected);
    // Found again after a crash, the commit tells the same; done again on top, nothing is left to do.
    const [info] = await mirror.log(head, commit);
    expect(await policyResultOf(change, places, mirror, info!)).toEqual(result);
    expect((await policyChangeEdit(change, places, () => {})(mirror, commit)).kind).toBe("nothing");
    return commit;
  };
  await fc.assert(
    fc.asyncProperty(fc.array(updates, { minLength: 1, maxLength: 3 }), async (sequence) => {
      let head = start;
      for (const wanted of sequence) head = await one(changeOf(wanted), head);
    }),
    { numRuns: 60 },
  );
});

test("an update that nobody may write refuses all of them, whichever comes first", async () => {
  const good = { workload: ids[0]!, add: { automated: "true" }, remove: [] };
  const bad = { workload: ids[1]!, add: { "tag.web": "semver:one" }, remove: [] };
  for (const wanted of [
    [good, bad],
    [bad, good],
  ])
    await expect(policyChangeEdit(changeOf(wanted), places, () => {})(mirror, start)).rejects.toMatchObject({
      code: "bad_request",
      message: expect.stringContaining('invalid tag pattern: "semver:one"'),
    });
});
