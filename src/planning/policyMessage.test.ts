import fc from "fast-check";
import { expect, test } from "vitest";
import type { PolicyChange } from "../model/policy.ts";
import { deedsOf, type PolicyEffect, policyEffects, policyMessage } from "./policyMessage.ts";
import { trailer } from "./trailers.ts";

const change: PolicyChange = {
  id: "c-7f3k",
  environment: "prod",
  by: { name: "Ada <ada@example.org>", kind: "person" },
  message: "",
  createdAt: 0,
  updates: [],
  state: { step: "queued" },
  revision: 0,
};
const web = "shop:deployment/web";
const effect = (set: Record<string, string>, remove: string[] = [], workload = web): PolicyEffect => ({
  workload,
  set,
  remove,
});

test("the message of a lock says who, why and what, and the trailers can be read back", () => {
  const effects = [effect({ locked: "true", locked_user: "Ada <ada@example.org>", locked_msg: "audit" })];
  const message = policyMessage({ ...change, message: "audit until Friday" }, effects);
  expect(message).toBe(`Locked: shop:deployment/web

audit until Friday

Sluice-Change: c-7f3k
Sluice-Environment: prod
Sluice-Author: Ada <ada@example.org>
Sluice-Policy: shop:deployment/web locked=true
Sluice-Policy: shop:deployment/web locked_user=Ada <ada@example.org>
Sluice-Policy: shop:deployment/web locked_msg=audit
`);
  expect(policyEffects(message)).toEqual(effects);
});

test("one kind of deed is the subject in Flux's words; several are listed below one", () => {
  const subjectOf = (...effects: PolicyEffect[]) => policyMessage(change, effects).split("\n\nSluice-Change")[0];
  const api = "shop:deployment/api";
  expect(subjectOf(effect({ automated: "true" }), effect({ automated: "true" }, [], api))).toBe(
    "Automated: shop:deployment/web, shop:deployment/api",
  );
  expect(subjectOf(effect({}, ["automated"]))).toBe("Deautomated: shop:deployment/web");
  expect(subjectOf(effect({}, ["locked", "locked_user", "locked_msg"]))).toBe("Unlocked: shop:deployment/web");
  expect(subjectOf(effect({ "tag.web": "semver:~1" }))).toBe("Updated policies: shop:deployment/web");
  expect(subjectOf(effect({ "tag.web": "semver:~1", automated: "true" }), effect({ locked: "true" }, [], api))).toBe(
    "Updated workload policies\n\n- Automated: shop:deployment/web\n- Updated policies: shop:deployment/web\n- Locked: shop:deployment/api",
  );
});

test("words about a lock are a change of their own only where the lock itself stays", () => {
  expect(deedsOf(effect({ locked_msg: "other words" }))).toEqual(["updated"]);
  expect(deedsOf(effect({ locked: "true", locked_msg: "words" }))).toEqual(["locked"]);
});

test("whatever a person writes, the id is found again and the effects are those that were written", () => {
  const key = fc.constantFrom("automated", "locked", "locked_msg", "tag.web", "tag.a-b.c", "ignore");
  const word = fc.string({ maxLength: 40 }).map((text) => text.replace(/[\s\p{Cc}]+/gu, " ").trim());
  const effects = fc.uniqueArray(
    fc.record({
      workload: fc.constantFrom(web, "shop:deployment/api", "<cluster>:helmrelease/x.y"),
      set: fc.dictionary(key, word, { minKeys: 1, noNullPrototype: true }),
      remove: fc.uniqueArray(fc.constantFrom("tag.gone", "locked_user")),
    }),
    { minLength: 1, selector: (entry) => entry.workload },
  );
  fc.assert(
    fc.property(effects, fc.string(), fc.string({ minLength: 1 }), (wanted, message, name) => {
      const text = policyMessage({ ...change, message, by: { name, kind: "person" } }, wanted);
      expect(trailer(text, "Sluice-Change")).toBe("c-7f3k");
      expect(policyEffects(text)).toEqual(wanted);
    }),
  );
});
