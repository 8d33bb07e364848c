import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeRepository, temporaryFolder } from "../../test/support/repository.ts";
import { Mirror } from "../git/mirror.ts";
import { noImageRules } from "../model/documents.ts";
import { sluiceIdentity } from "../model/identity.ts";
import type { Promotion, Release, ReleaseChange } from "../model/release.ts";
import { outcomesOf, releaseEdit } from "./edit.ts";

let folder: ReturnType<typeof temporaryFolder>;
let mirror: Mirror;
let head: string;
const places = { paths: ["shop"], images: noImageRules };
const deployment = (name: string, tag: string, annotations = "") => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop${annotations} }
spec: { template: { spec: { containers: [{ name: main, image: "shop/${name}:${tag}" }] } } }
`;
const locked = ', annotations: { fluxcd.io/locked: "true", fluxcd.io/locked_user: ops, fluxcd.io/locked_msg: audit }';
beforeAll(async () => {
  folder = temporaryFolder();
  makeRepository(join(folder.path, "config.git"), {
    "shop/free.yaml": deployment("free", "1"),
    "shop/there.yaml": deployment("there", "2"),
    "shop/locked.yaml": deployment("locked", "1", locked),
  });
  mirror = await Mirror.open(join(folder.path, "config.git"), join(folder.path, "mirror"));
  await mirror.fetch();
  head = (await mirror.head("main"))!;
});
afterAll(async () => {
  await mirror.close();
  folder.remove();
});

const change = (name: string, more: Partial<ReleaseChange> = {}): ReleaseChange => ({
  workload: `shop:deployment/${name}`,
  container: "main",
  from: `shop/${name}:1`,
  to: `shop/${name}:2`,
  fromVersion: { tag: "1" },
  toVersion: { tag: "2" },
  outcome: { kind: "pending" },
  ...more,
});
const promotion: Promotion = {
  id: "r-test",
  source: { kind: "registry" },
  target: { kind: "environment", environment: "dev" },
  by: { name: "ana", kind: "person" },
  message: "",
  createdAt: 0,
  state: "under way",
};
/** What becomes of the changes when they are written, and when the commit is found again after a crash. */
async function written(changes: readonly ReleaseChange[], more: Partial<Promotion> = {}) {
  const release: Release = {
    id: "r-test/dev",
    promotion: "r-test",
    environment: "dev",
    position: 0,
    state: { step: "writing", base: head },
    changes,
    timeline: [],
    revision: 0,
  };
  let told: readonly ReleaseChange[] = [];
  const edit = await releaseEdit({
    promotion: { ...promotion, ...more },
    release,
    environment: places,
    holds: [],
    lifts: [],
    sourceCommit: undefined,
    changed: (outcomes) => {
      told = outcomes;
    },
  })(mirror, head);
  if (edit.kind !== "commit") throw new Error(edit.reason);
  const { files, message } = edit;
  const commit = await mirror.commit({ parent: head, files, message, author: sluiceIdentity, at: 1e12 });
  const [info] = await mirror.log(head, commit);
  return { told, found: await outcomesOf(mirror, release, places, info!) };
}
const kinds = (changes: readonly ReleaseChange[]) => changes.map(({ outcome }) => outcome.kind);

test("a locked workload fails alone with the lock's own words, and is told so after a crash too", async () => {
  const { told, found } = await written(["free", "there", "locked"].map((name) => change(name)));
  expect(kinds(told)).toEqual(["written", "same", "failed"]);
  expect(told[2]!.outcome).toEqual({
    kind: "failed",
    reason: 'locked by ops: "audit" (shop/locked.yaml line 1)',
    unwritten: true,
  });
  expect(found).toEqual(told);
});

test("a lock does not hold up a rollback, nor a release that was forced through it", async () => {
  const back = await written([change("locked"), change("free")], { reverts: "r-bad" });
  expect(kinds(back.told)).toEqual(["written", "written"]);
  expect(back.found).toEqual(back.told);
  const forced = await written([change("locked", { forced: ["locked"] }), change("free", { forced: ["ignored"] })]);
  expect(kinds(forced.told)).toEqual(["written", "written"]);
  expect(forced.found).toEqual(forced.told);
});
