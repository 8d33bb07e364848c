import { expect, test } from "vitest";
import { policyOf } from "./annotations.ts";

test("without annotations nothing moves by itself and nothing is kept away", () => {
  expect(policyOf({})).toMatchObject({ automated: false, ignored: false, tags: {} });
});

test.each(["sluice.dev/", "fluxcd.io/", "flux.weave.works/"])("every policy is read under %s", (prefix) => {
  const policy = policyOf({
    [`${prefix}automated`]: "true",
    [`${prefix}locked`]: "true",
    [`${prefix}locked_user`]: "Ana <ana@shop.example>",
    [`${prefix}locked_msg`]: "sale week",
    [`${prefix}ignore`]: "true",
    [`${prefix}tag.cart`]: "semver:~1.4",
  });
  expect(policy).toMatchObject({
    automated: true,
    locked: { by: "Ana <ana@shop.example>", message: "sale week" },
    ignored: true,
    tags: { cart: "semver:~1.4" },
  });
});

test.each(["True", "yes", "1", "", " true", true])("a switch that says %j is off", (value) => {
  const policy = policyOf({ "fluxcd.io/automated": value, "fluxcd.io/locked": value, "fluxcd.io/ignore": value });
  expect(policy).toMatchObject({ automated: false, ignored: false, tags: {} });
});

test("our prefix wins over Flux's, and Flux's over its older one, also when it switches off", () => {
  const policy = policyOf({
    "flux.weave.works/tag.cart": "glob:old-*",
    "fluxcd.io/tag.cart": "glob:flux-*",
    "filter.fluxcd.io/cart": "glob:filter-*",
    "filter.fluxcd.io/web": "glob:web-*",
    "flux.weave.works/locked": "true",
    "fluxcd.io/automated": "true",
    "sluice.dev/automated": "false",
  });
  expect(policy).toMatchObject({
    automated: false,
    locked: {},
    ignored: false,
    tags: { cart: "glob:flux-*", web: "glob:web-*" },
  });
  expect(policyOf({ "fluxcd.io/locked": "true", "sluice.dev/locked": "false" }).locked).toBeUndefined();
});

test("a lock whose name and message are empty is still a lock", () => {
  expect(
    policyOf({ "fluxcd.io/locked": "true", "fluxcd.io/locked_user": "", "fluxcd.io/locked_msg": "" }).locked,
  ).toEqual({});
});

test("who locked it means nothing once it is unlocked", () => {
  expect(policyOf({ "fluxcd.io/locked_user": "Ana", "fluxcd.io/locked_msg": "x" }).locked).toBeUndefined();
});

test("sync_only is no reason to leave a workload alone", () => {
  expect(policyOf({ "fluxcd.io/ignore": "sync_only" }).ignored).toBe(false);
});

test("a container named like something of the language has a filter only when one is written", () => {
  expect(Object.hasOwn(policyOf({}).tags, "constructor")).toBe(false);
  expect(Object.entries(policyOf({ "fluxcd.io/tag.__proto__": "glob:x" }).tags)).toEqual([["__proto__", "glob:x"]]);
});
