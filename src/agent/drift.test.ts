import fc from "fast-check";
import { expect, test } from "vitest";
import { differences, shown } from "./drift.ts";

const json = fc.jsonValue({ maxDepth: 4 });

test("what equals itself does not differ", () => {
  fc.assert(fc.property(json, (value) => differences(value, structuredClone(value)).length === 0));
});

test("fields only the cluster has are not looked at", () => {
  const git = { spec: { replicas: 2 } };
  expect(differences(git, { spec: { replicas: 2, paused: false }, status: { replicas: 1 } })).toEqual([]);
});

test("a changed field is told with its place and both values", () => {
  const git = { spec: { template: { spec: { containers: [{ name: "web", image: "web:1" }] } } } };
  const live = { spec: { template: { spec: { containers: [{ name: "web", image: "web:2" }] } } } };
  expect(shown(differences(git, live))).toEqual([
    { field: "spec.template.spec.containers[web].image", git: "web:1", live: "web:2" },
  ]);
});

test("lists of named things are matched by name, whatever their order and whoever added more", () => {
  const git = { containers: [{ name: "b" }, { name: "a", image: "x" }] };
  const live = { containers: [{ name: "sidecar" }, { name: "a", image: "x" }, { name: "b" }] };
  expect(differences(git, live)).toEqual([]);
});

test("a list of plain values differs when it is longer in the cluster", () => {
  expect(shown(differences({ args: ["-v"] }, { args: ["-v", "-x"] }))).toEqual([
    { field: "args", git: "1 entries", live: "2 entries" },
  ]);
});

test("a field Git names and the cluster lacks is not set", () => {
  expect(shown(differences({ spec: { replicas: 2 } }, {}))).toEqual([
    { field: "spec", git: '{"replicas":2}', live: "not set" },
  ]);
  expect(differences({ spec: { emptyDir: {} } }, { spec: {} })).toEqual([]);
});

test("what is shown is bounded in number and length", () => {
  const git = Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`key${index}`, "x".repeat(500)]));
  const words = shown(differences(git, {}));
  expect(words).toHaveLength(20);
  expect(words.every((entry) => entry.git.length <= 80)).toBe(true);
});
