import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { commitFiles, git, makeRepository, temporaryFolder } from "../../test/support/repository.ts";
import { SluiceError } from "../errors.ts";
import { createMirrors } from "../git/mirrors.ts";
import { noImageRules } from "../model/documents.ts";
import type { GitMirror, GitMirrors } from "../model/ports/git.ts";
import type { Promotion, Release, ReleaseChange } from "../model/release.ts";
import { outcomesOf, releaseEdit } from "./edit.ts";
import { type WriteRequest, type WriteResult, Writer } from "./writer.ts";

let folder: ReturnType<typeof temporaryFolder>;
let bare: string;
let clone: string;
let mirrors: GitMirrors;
let mirror: GitMirror;
let writer: Writer;
const paths = ["clusters/dev"];

const deployment = (name: string, tag: string) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop }
spec:
  template: { spec: { containers: [{ name: ${name}, image: shop/${name}:${tag} }] } } # keep me
`;
beforeEach(async () => {
  folder = temporaryFolder();
  bare = join(folder.path, "config.git");
  makeRepository(
    bare,
    Object.fromEntries(["a", "b", "c"].map((name) => [`clusters/dev/${name}.yaml`, deployment(name, "1")])),
  );
  git(folder.path, "clone", "--quiet", bare, "clone");
  clone = join(folder.path, "clone");
  mirrors = createMirrors(join(folder.path, "mirrors"));
  mirror = await mirrors.open(bare);
  await mirror.fetch();
  writer = new Writer(mirrors);
});
afterEach(async () => {
  await mirrors.close();
  folder.remove();
});

function releaseOf(id: string, changes: Readonly<Record<string, readonly [from: string, to: string]>>): Release {
  return {
    id: `${id}/dev`,
    promotion: id,
    environment: "dev",
    position: 0,
    state: { step: "planned" },
    changes: Object.entries(changes).map(
      ([name, [from, to]]): ReleaseChange => ({
        workload: `shop:deployment/${name}`,
        container: name,
        from: `shop/${name}:${from}`,
        to: `shop/${name}:${to}`,
        fromVersion: { tag: from },
        toVersion: { tag: to, digest: `sha256:${"0".repeat(64)}` },
        outcome: { kind: "pending" },
      }),
    ),
    timeline: [],
    revision: 0,
  };
}
function requestOf(release: Release, base: string, by: Promotion["by"]["kind"] = "person") {
  const promotion: Promotion = {
    id: release.promotion,
    source: { kind: "registry" },
    target: { kind: "environment", environment: "dev" },
    by: { name: "ana", kind: by },
    message: "",
    createdAt: 0,
    state: "under way",
  };
  const told: { changes: readonly ReleaseChange[] } = { changes: [] };
  const request: WriteRequest = {
    repository: bare,
    branch: "main",
    trailer: { key: "Sluice-Release", value: release.id },
    base,
    author: { name: "ana", email: "ana@shop.example" },
    at: Date.now(),
    edit: releaseEdit({
      promotion,
      release,
      environment: { paths, images: noImageRules },
      holds: [],
      lifts: [],
      sourceCommit: undefined,
      changed: (changes) => {
        told.changes = changes;
      },
    }),
  };
  return { request, told };
}
const summary = (changes: readonly ReleaseChange[]) =>
  changes.map(({ container, from, fromVersion, outcome }) => [
    container,
    from,
    fromVersion.tag,
    outcome.kind === "superseded" ? `superseded by ${outcome.by}` : outcome.kind,
  ]);
const commits = () => Number(git(bare, "rev-list", "--count", "main").trim());

test("a release found on the branch again tells what it wrote, from what, and what it left alone", async () => {
  const base = (await mirror.head("main"))!;
  const hand = commitFiles(
    clone,
    { "clusters/dev/b.yaml": deployment("b", "2"), "clusters/dev/c.yaml": deployment("c", "7") },
    "By hand",
  );
  await mirror.fetch();
  const release = releaseOf("r-1", { a: ["1", "2"], b: ["1", "2"], c: ["1", "2"] });
  const first = requestOf(release, base, "automation");
  const written = await writer.write(first.request);
  expect(written).toMatchObject({ kind: "written" });
  const expected = [
    ["a", "shop/a:1", "1", "written"],
    ["b", "shop/b:1", "1", "same"],
    ["c", "shop/c:1", "1", `superseded by Ana's commit ${hand.slice(0, 7)}`],
  ];
  expect(summary(first.told.changes)).toEqual(expected);
  const again = await writer.write(requestOf(release, base, "automation").request);
  expect(again).toMatchObject({ kind: "written", commit: (written as { commit: string }).commit });
  const found = (again as Extract<WriteResult, { kind: "written" }>).again!;
  expect(summary(await outcomesOf(mirror, release, { paths, images: noImageRules }, found))).toEqual(expected);
  expect(commits()).toBe(3);
});

test("a person's choice replaces what came meanwhile, and says what it replaced", async () => {
  const base = (await mirror.head("main"))!;
  commitFiles(clone, { "clusters/dev/a.yaml": deployment("a", "5") }, "By hand");
  const release = releaseOf("r-1", { a: ["1", "2"] });
  // The mirror does not know of the commit by hand yet: this is the lost race.
  const { request, told } = requestOf(release, base);
  await writer.write(request);
  expect(summary(told.changes)).toEqual([["a", "shop/a:5", "5", "written"]]);
  expect(git(bare, "show", "main:clusters/dev/a.yaml")).toBe(deployment("a", "2"));
  expect(git(bare, "log", "-1", "--format=%B", "main")).toContain("shop/a:5 -> shop/a:2@sha256:");
  const later = requestOf(release, base).request;
  const found = ((await writer.write(later)) as Extract<WriteResult, { kind: "written" }>).again!;
  expect(summary(await outcomesOf(mirror, release, { paths, images: noImageRules }, found))).toEqual([
    ["a", "shop/a:5", "5", "written"],
  ]);
});

test("edits that wait together are separate commits of one push, and a bad one fails alone", async () => {
  let pushes = 0;
  const counting = new Writer({
    close: () => mirrors.close(),
    abandon: () => mirrors.abandon(),
    open: async () =>
      new Proxy(mirror, {
        get(target, key) {
          if (key === "push") pushes++;
          const value: unknown = Reflect.get(target, key, target);
          return typeof value === "function" ? value.bind(target) : value;
        },
      }),
  });
  const base = (await mirror.head("main"))!;
  const bad: WriteRequest = {
    ...requestOf(releaseOf("r-9", { a: ["1", "2"] }), base).request,
    edit: async () => {
      throw new SluiceError("invalid_manifest", "cannot be edited");
    },
  };
  const [one, two, three, four] = await Promise.allSettled([
    counting.write(requestOf(releaseOf("r-0", { a: ["1", "2"] }), base).request),
    counting.write(requestOf(releaseOf("r-1", { a: ["1", "3"] }), base).request),
    counting.write(bad),
    counting.write(requestOf(releaseOf("r-2", { b: ["1", "2"] }), base).request),
  ]);
  expect([one?.status, two?.status, three?.status, four?.status]).toEqual([
    "fulfilled",
    "fulfilled",
    "rejected",
    "fulfilled",
  ]);
  expect(commits()).toBe(4);
  // The others came while the first one's commit was being made: nobody waits for a push that has not begun.
  expect(pushes).toBe(1);
  expect(git(bare, "show", "main:clusters/dev/a.yaml")).toBe(deployment("a", "3"));
});

test("nothing left to change makes no commit", async () => {
  const base = (await mirror.head("main"))!;
  const { request } = requestOf(releaseOf("r-1", { a: ["0", "1"] }), base);
  expect(await writer.write(request)).toEqual({
    kind: "nothing",
    reason: "nothing is left to change: Git already says so",
  });
  expect(commits()).toBe(1);
});

test("a commit that the Git host refuses fails alone, and those that waited with it are written", async () => {
  const refused = "if git diff --name-only $old $new | grep -q b.yaml; then echo 'b is frozen' >&2; exit 1; fi";
  writeFileSync(join(bare, "hooks/pre-receive"), `#!/bin/sh\nread old new ref\n${refused}\n`, { mode: 0o755 });
  const base = (await mirror.head("main"))!;
  const writes = ["a", "b", "c"].map(async (name) => {
    const { request } = requestOf(releaseOf(`r-${name}`, { [name]: ["1", "2"] }), base);
    return (await writer.write(request)).kind;
  });
  expect(await Promise.allSettled(writes)).toMatchObject([
    { value: "written" },
    { reason: { message: expect.stringContaining("b is frozen") } },
    { value: "written" },
  ]);
  const tags = ["a", "b", "c"].map((name) => /:(\d)\s/.exec(git(bare, "show", `main:clusters/dev/${name}.yaml`))?.[1]);
  expect(tags).toEqual(["2", "1", "2"]);
});
