import { expect, test } from "vitest";
import { readManifests } from "../manifests/read.ts";
import type { EnvironmentTree } from "../repositories/trees.ts";
import { desiredState, rankOf, scopesOf } from "./desired.ts";

function tree(files: Readonly<Record<string, string>>): EnvironmentTree {
  return {
    commit: "c",
    workloads: new Map(),
    problems: [],
    emptyPaths: [],
    file: () => undefined,
    files: Object.entries(files).map(([path, text]) => ({
      path,
      blob: path,
      result: readManifests(text),
      workloads: [],
      policies: [],
    })),
  };
}
const object = (kind: string, name: string, more = "") =>
  `apiVersion: v1\nkind: ${kind}\nmetadata: { name: ${name}${more} }\n`;

test("objects go to the namespace Git names, to default where it names none, and nowhere when cluster-wide", () => {
  const { objects } = desiredState(
    tree({
      "a.yaml": [
        object("ConfigMap", "here", ", namespace: shop"),
        object("ConfigMap", "there"),
        object("Namespace", "shop", ", namespace: wrong"),
      ].join("---\n"),
    }),
    ({ kind }) => kind !== "Namespace",
  );
  expect([...objects.keys()]).toEqual(["ConfigMap shop/here", "ConfigMap default/there", "Namespace shop"]);
});

test("a definition in the same commit says where its objects go, before the cluster knows the kind", () => {
  const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: gates.shop.example }
spec:
  group: shop.example
  scope: Cluster
  names: { kind: Gate, plural: gates }
  versions: [{ name: v1, served: true, storage: true }]
`;
  const gate = "apiVersion: shop.example/v1\nkind: Gate\nmetadata: { name: main }\n";
  const files = tree({ "a.yaml": gate, "b.yaml": definition });
  const { objects } = desiredState(files, scopesOf(files, []));
  expect(objects.get("shop.example/Gate main")?.object.metadata.namespace).toBeUndefined();
});

test("an object written twice is told, and the first one counts", () => {
  const { objects, problems } = desiredState(
    tree({ "a.yaml": object("Secret", "one"), "b.yaml": object("Secret", "one") }),
    () => true,
  );
  expect(objects.get("Secret default/one")?.file).toBe("a.yaml");
  expect(problems).toMatchObject([{ file: "b.yaml", line: 1, object: "Secret default/one" }]);
});

test("ignored objects and our own documents are not applied", () => {
  const { objects, ignored } = desiredState(
    tree({
      "a.yaml": object("Secret", "mine", ', annotations: { sluice.dev/ignore: "true" }'),
      "b.yaml": "apiVersion: sluice.dev/v1\nkind: Environment\nmetadata: { name: dev }\n",
    }),
    () => true,
  );
  expect(objects.size).toBe(0);
  expect([...ignored]).toEqual(["Secret default/mine"]);
});

test("what others need is applied before them", () => {
  const order = ["Namespace", "CustomResourceDefinition", "ServiceAccount", "ConfigMap", "Deployment", "Barrier"];
  const ranks = order.map(rankOf);
  expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
});
