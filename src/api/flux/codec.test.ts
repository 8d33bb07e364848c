import fc from "fast-check";
import { expect, test } from "vitest";
import { goTime, readUpdate } from "./codec.ts";

test("times are written as Go writes them, and mean the same instant", () => {
  expect(goTime(Date.UTC(2026, 6, 20, 13, 19, 0))).toBe("2026-07-20T13:19:00Z");
  expect(goTime(Date.UTC(2026, 6, 20, 13, 19, 0, 120))).toBe("2026-07-20T13:19:00.12Z");
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date("9999-12-31"), noInvalidDate: true }), (date) => {
      const text = goTime(date.getTime());
      expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d*[1-9])?Z$/);
      expect(Date.parse(text)).toBe(date.getTime());
    }),
  );
});

test("an update is read as fluxctl sends it: null for an empty list, and fields that are not known left out", () => {
  const image = readUpdate({
    type: "image",
    cause: { Message: "", User: "Ada <ada@example.org>" },
    spec: { ServiceSpecs: ["<all>"], ImageSpec: "<all latest>", Kind: "plan", Excludes: null, Force: false, More: 1 },
  });
  expect(image).toEqual({
    type: "image",
    cause: { message: "", user: "Ada <ada@example.org>" },
    spec: { ServiceSpecs: ["<all>"], ImageSpec: "<all latest>", Kind: "plan", Excludes: [], Force: false },
  });
  const containers = readUpdate({
    type: "containers",
    cause: {},
    spec: { Kind: "execute", ContainerSpecs: null, SkipMismatches: false, Force: false },
  });
  expect(containers).toMatchObject({ cause: { message: "", user: "" }, spec: { ContainerSpecs: {} } });
  expect(readUpdate({ type: "sync", cause: { Message: "", User: "" }, spec: {} })).toMatchObject({ type: "sync" });
});

test("policies may be listed by name, as clients once did", () => {
  const update = readUpdate({ type: "policy", spec: { "shop:deployment/web": { add: ["automated"], remove: null } } });
  expect(update).toMatchObject({ spec: { "shop:deployment/web": { add: { automated: "true" }, remove: {} } } });
});

test("what is no update is refused with the field that is wrong", () => {
  expect(() => readUpdate(undefined)).toThrow(/^the update: /);
  expect(() => readUpdate({ type: "auto", spec: {} })).toThrow(/^the update, type: /);
  expect(() => readUpdate({ type: "image", spec: { ServiceSpecs: [], ImageSpec: "a:1", Kind: "do it" } })).toThrow(
    /^the update, spec\.Kind: /,
  );
});
