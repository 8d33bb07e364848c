import { describe, expect, test } from "vitest";
import type { CatalogueRepository } from "../model/catalogue.ts";
import { parseImage } from "../model/image.ts";
import type { Workload, WorkloadPolicy } from "../model/workload.ts";
import { fromRegistry } from "./candidates.ts";
import { type FluxRequest, fluxFailure, fluxResult } from "./fluxResult.ts";
import { makePlan } from "./plan.ts";

function workload(name: string, images: readonly string[], policy: Partial<WorkloadPolicy> = {}): Workload {
  return {
    id: `default:deployment/${name}`,
    apiVersion: "apps/v1",
    kind: "Deployment",
    namespace: "default",
    name,
    file: `${name}.yaml`,
    line: 1,
    containers: images.map((image, index) => ({
      container: index === 0 ? name : `${name}${index}`,
      init: false,
      image,
    })),
    policy: { automated: false, ignored: false, tags: {}, written: {}, ...policy },
  };
}
const id = (name: string): string => `default:deployment/${name}`;
const hello: CatalogueRepository = {
  name: "quay.io/weaveworks/hello",
  images: ["1", "2"].map((tag, index) => ({
    name: "quay.io/weaveworks/hello",
    tag,
    digest: `sha256:${tag.repeat(64)}`,
    createdAt: index,
    seenAt: 0,
    labels: {},
  })),
  badTags: {},
};
const workloads = [
  workload("old", ["quay.io/weaveworks/hello:1"]),
  workload("new", ["quay.io/weaveworks/hello:2"]),
  workload("locked", ["quay.io/weaveworks/hello:2"], { locked: {} }),
  workload("ignored", ["quay.io/weaveworks/hello:1"], { ignored: true }),
  workload("unknown", ["quay.io/weaveworks/other:1"]),
  workload("both", ["quay.io/weaveworks/hello:1", "quay.io/weaveworks/other:1"]),
  workload("filtered", ["quay.io/weaveworks/hello:2"], { tags: { filtered: "glob:9*" } }),
  workload("broken", ["{{ image }}"]),
];

function result(request: FluxRequest, defined = workloads) {
  const image = request.image === undefined ? undefined : parseImage(request.image);
  const plan = makePlan({
    environment: "dev",
    commit: "c",
    source: { kind: "registry" },
    workloads: defined,
    candidate: (entry, slot) => fromRegistry(entry, slot, slot.image.includes("hello") ? hello : undefined),
    repository: (name) => (name === hello.name ? hello : undefined),
    holds: [],
    underWay: new Map(),
    automatic: false,
    ...request,
    image,
  });
  return fluxResult(plan, request, defined);
}
const told = (request: FluxRequest): Record<string, string> =>
  Object.fromEntries(
    Object.entries(result(request)).map(([key, { Status, Error: reason }]) => [
      key.slice(id("").length),
      reason === undefined ? Status : `${Status}: ${reason}`,
    ]),
  );

test("the newest of all, every workload in Flux's words", () => {
  expect(told({})).toEqual({
    old: "success",
    new: "skipped: image(s) up to date",
    locked: "skipped: locked",
    ignored: "skipped: ignore",
    unknown: "skipped: cannot find one or more images",
    both: "success",
    filtered: "skipped: cannot find one or more images",
    broken: expect.stringMatching(/^failed: broken: "\{\{ image \}\}" is no image reference/),
  });
  expect(result({})[id("old")]).toEqual({
    Status: "success",
    PerContainer: [{ Container: "old", Current: "quay.io/weaveworks/hello:1", Target: "quay.io/weaveworks/hello:2" }],
  });
});

test("what is not included or excluded is ignored, before anything else is looked at", () => {
  expect(
    told({ selection: [{ workload: id("old") }, { workload: id("locked") }], exclude: [id("locked"), id("new")] }),
  ).toEqual({
    old: "success",
    new: "ignored: not included",
    locked: "ignored: excluded",
    ignored: "ignored: not included",
    unknown: "ignored: not included",
    both: "ignored: not included",
    filtered: "ignored: not included",
    broken: "ignored: not included",
  });
});

test("one image: what uses another one is ignored, a filter or a missing tag finds no image", () => {
  expect(told({ image: "quay.io/weaveworks/hello:2" })).toEqual({
    old: "success",
    new: "skipped: image(s) up to date",
    locked: "skipped: locked",
    ignored: "skipped: ignore",
    unknown: "ignored: a different image",
    both: "success",
    filtered: "skipped: image(s) up to date",
    broken: "ignored: a different image",
  });
  expect(told({ image: "quay.io/weaveworks/hello:1" }).filtered).toBe("skipped: cannot find one or more images");
  expect(told({ image: "quay.io/weaveworks/hello:7" }).old).toBe("skipped: cannot find one or more images");
});

test("force counts for workloads that are named, not among all", () => {
  expect(told({ force: true }).locked).toBe("skipped: locked");
  expect(told({ force: true, selection: [{ workload: id("locked") }] }).locked).toBe("skipped: image(s) up to date");
  expect(told({ force: true, selection: [{ workload: id("ignored") }] }).ignored).toBe("success");
  const filtered = { force: true, image: "quay.io/weaveworks/hello:1" };
  expect(told(filtered).filtered).toBe("success");
});

test("a workload that Git does not have is skipped", () => {
  expect(told({ selection: [{ workload: id("gone") }] }).gone).toBe("skipped: not found in repository");
});

describe("single containers", () => {
  const choice = (workload: string, container: string, from: string, skipMismatch = false) => ({
    workload: id(workload),
    container,
    tag: "2",
    from: `quay.io/weaveworks/${from}`,
    ...(skipMismatch ? { skipMismatch } : {}),
  });

  test("move when Git still names what was seen", () => {
    const request = { selection: [choice("old", "old", "hello:1")] };
    expect(told(request).old).toBe("success");
    expect(told(request).new).toBe("ignored: not included");
    expect(fluxFailure(result(request))).toBeUndefined();
  });

  test("fail the whole update when Git names another image, or skip it where that is asked", () => {
    const mismatch = { selection: [choice("old", "old", "hello:0"), choice("both", "both", "hello:1")] };
    expect(told(mismatch)).toMatchObject({ old: "failed: container(s) tag mismatch: old", both: "success" });
    expect(fluxFailure(result(mismatch))).toBe("cannot satisfy specs");
    const skipping = { selection: [choice("old", "old", "hello:0", true)] };
    expect(told(skipping).old).toBe("skipped: container(s) tag mismatch: old");
    expect(fluxFailure(result(skipping))).toBe("no changes found");
  });

  test("always fail when a container is not there", () => {
    const request = { selection: [choice("old", "gone", "hello:1", true), choice("old", "lost", "hello:1", true)] };
    expect(told(request).old).toBe("failed: container(s) not found: gone, lost");
  });

  test("skip what has the image already, and obey locks unless forced", () => {
    expect(told({ selection: [choice("new", "new", "hello:2")] }).new).toBe("skipped: image(s) up to date");
    const locked = { selection: [{ ...choice("locked", "locked", "hello:2"), tag: "1" }] };
    expect(told(locked).locked).toBe("skipped: locked");
    expect(told({ ...locked, force: true }).locked).toBe("success");
  });

  test("with nothing chosen change nothing", () => {
    expect(fluxFailure(result({ selection: [] }))).toBe("no changes found");
  });
});
