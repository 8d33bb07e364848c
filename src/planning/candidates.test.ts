import { expect, test } from "vitest";
import type { Verification } from "../model/ports/store.ts";
import type { Workload } from "../model/workload.ts";
import { fromEnvironments, type SourceEnvironment } from "./candidates.ts";

const key = { workload: "shop:deployment/cart", container: "cart" };
const keyText = "shop:deployment/cart#cart";
const digest = `sha256:${"a".repeat(64)}`;

function source(
  environment: string,
  inGit: string | undefined,
  verified?: string,
  verdict?: SourceEnvironment["verdictOf"],
): SourceEnvironment {
  const workload: Workload = {
    id: key.workload,
    apiVersion: "apps/v1",
    kind: "Deployment",
    namespace: "shop",
    name: "cart",
    file: "cart.yaml",
    line: 1,
    containers: inGit === undefined ? [] : [{ container: "cart", init: false, image: inGit }],
    policy: { automated: false, ignored: false, tags: {}, written: {} },
  };
  const verification: Verification = {
    ...key,
    environment,
    image: verified ?? "",
    version: { tag: verified?.split(":")[1] ?? "", digest },
    commit: "c",
    at: 1,
  };
  return {
    environment,
    workloads: new Map([[workload.id, workload]]),
    verifications: new Map(verified === undefined ? [] : [[keyText, verification]]),
    verdictOf: verdict ?? (() => undefined),
  };
}
const from = (...sources: SourceEnvironment[]) => fromEnvironments(key, keyText, sources, "stage");

test("the version verified in every environment of the source is offered, with its digest and name", () => {
  expect(from(source("eu", "shop/cart:2", "shop/cart:2"), source("us", "shop/cart:2", "shop/cart:2"))).toEqual({
    found: true,
    version: { tag: "2", digest },
    verified: true,
    name: "docker.io/shop/cart",
  });
});

test("a container that no environment of the source has is absent", () => {
  expect(from(source("eu", undefined))).toMatchObject({ found: false, status: "absent", reason: "not_in_source" });
  expect(from()).toMatchObject({ found: false, status: "absent" });
});

test("an environment without the container does not hold the others up", () => {
  expect(from(source("eu", "shop/cart:2", "shop/cart:2"), source("us", undefined))).toMatchObject({ found: true });
});

test("what is verified in one environment only waits, and says what the other does", () => {
  const failing = () => ({ state: "failed", message: "ImagePullBackOff" }) as const;
  const candidate = from(source("eu", "shop/cart:2", "shop/cart:2"), source("us", "shop/cart:2", undefined, failing));
  expect(candidate).toMatchObject({
    found: false,
    status: "waiting",
    reason: "not_verified",
    version: { tag: "2" },
    text: "2 is not verified in us; failed: ImagePullBackOff",
  });
});

test("versions that differ between environments wait", () => {
  const us = source("us", "shop/cart:1", "shop/cart:1");
  const differs = { ...us.verifications.get(keyText)!, version: { tag: "1" } };
  const candidate = from(source("eu", "shop/cart:2", "shop/cart:2"), {
    ...us,
    verifications: new Map([[keyText, differs]]),
  });
  expect(candidate).toMatchObject({ found: false, text: "not the same everywhere in stage: eu 2, us 1" });
});

test("the last verified version is offered while a newer one is on its way, and that is said", () => {
  expect(from(source("eu", "shop/cart:3", "shop/cart:2"))).toMatchObject({
    found: true,
    version: { tag: "2" },
    pending: { version: { tag: "3" }, text: "3 is not verified in eu; its agent has not reported" },
  });
});

test("the same tag under another image name is not what was verified", () => {
  expect(from(source("eu", "other/cart:2", "shop/cart:2"))).toMatchObject({ pending: { version: { tag: "2" } } });
});
