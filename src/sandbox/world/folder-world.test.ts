import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/repository.ts";
import { readFolderWorld } from "./folder-world.ts";

const folders: { remove(): void }[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) folder.remove();
});
function folderOf(files: Record<string, string>): string {
  const folder = temporaryFolder();
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder.path, path, ".."), { recursive: true });
    writeFileSync(join(folder.path, path), text);
  }
  return folder.path;
}
const pod = (name: string, namespace: string, image: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec: { containers: [{ name: c, image: "${image}" }] }\n`;

test("every image of the manifests gets a source and the tags that are named, `latest` where none is", async () => {
  const seed = await readFolderWorld(
    folderOf({
      "a.yaml": pod("a", "one", "mongo"),
      "deep/b.yml": pod("b", "two", "quay.io/acme/web:v2.0.1"),
      "deep/c.json": JSON.stringify({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "c" },
        spec: { containers: [{ name: "c", image: "quay.io/acme/web:v1.9.0" }] },
      }),
      "notes.txt": "no manifest",
    }),
  );
  expect(seed.services.map(({ path, version, builds }) => [path, version, builds.map((build) => build.tag)])).toEqual([
    ["library/mongo", "1.0.*", ["latest"]],
    ["acme/web", "v2.0.*", ["v1.9.0", "v2.0.1"]],
  ]);
  expect(seed.hosts).toEqual(["docker.io", "quay.io"]);
  expect(seed.namespaces).toEqual(["default", "one", "two"]);
  expect(Object.keys(seed.environments["prod-us"]!)).toContain("deep/b.yml");
});

test("namespaces that no manifest makes are added, those that are there and `default` are not", async () => {
  const files = {
    "ns.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: { name: one }\n",
    "pods.yaml": `${pod("a", "one", "nginx:1.27")}---\n${pod("b", "two", "nginx:1.27")}---\n${pod("c", "default", "nginx:1.27")}`,
  };
  const seed = await readFolderWorld(folderOf(files));
  const added = seed.environments.dev!["trial-namespaces.yaml"];
  expect(added).toContain("name: two");
  expect(added).not.toMatch(/name: (one|default)/);
});

test("a broken manifest stays as it is and costs the others nothing; links are not followed", async () => {
  const folder = folderOf({ "good.yaml": pod("a", "one", "nginx:1.27"), "broken.yaml": "a: [" });
  symlinkSync("/etc", join(folder, "link"));
  const seed = await readFolderWorld(folder);
  expect(Object.keys(seed.environments.dev!).sort()).toEqual(["broken.yaml", "good.yaml", "trial-namespaces.yaml"]);
  expect(seed.services.map((service) => service.path)).toEqual(["library/nginx"]);
});

test("a folder that is not there, or holds no workload, is refused with what to give instead", async () => {
  await expect(readFolderWorld("/nowhere/at/all")).rejects.toThrow("/nowhere/at/all is not a folder");
  await expect(readFolderWorld(folderOf({ "readme.md": "" }))).rejects.toThrow("holds no workload");
});
