import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../test/support/repository.ts";
import { validate } from "./validate.ts";

/** A folder with files in it; answers its path. */
function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  onTestFinished(folder.remove);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder.path, path)), { recursive: true });
    writeFileSync(join(folder.path, path), content);
  }
  return folder.path;
}
async function problems(cwd: string): Promise<string[]> {
  const result = await validate(["."], cwd);
  return result.problems.map(({ file, line, message }) => `${file}:${line ?? ""} ${message}`);
}

const environment = `apiVersion: sluice.dev/v1
kind: Environment
metadata: { name: dev }
spec:
  cluster: dev
  git: { repository: "https://git.example.com/config.git", paths: [dev] }
  images:
    files:
      - { path: apps/web/kustomization.yaml, kind: kustomization }
      - { path: values.yaml, kind: values }
    fields: [{ kind: example.com/Widget, path: spec.image }]
`;

test("files and fields that an environment names are read as it says", async () => {
  const cwd = folderWith({
    "config/dev.yaml": environment,
    "apps/web/kustomization.yaml": "images: [{ name: web, newTag: 'not a tag' }]\n",
    "values.yaml": "image: { repository: web, tag: '1' }\n",
    "dev/widget.yaml":
      "apiVersion: example.com/v1\nkind: Widget\nmetadata: { name: w }\nspec: { image: 'not an image' }\n",
  });
  expect(await problems(cwd)).toEqual([
    'apps/web/kustomization.yaml:1 Kustomization web, container web: "web:not a tag" is no image',
    'dev/widget.yaml:1 Widget w, container image: "not an image" is no image',
  ]);
});

test("an image whose name nothing tells is a problem that says what to do", async () => {
  const cwd = folderWith({
    "a.yaml":
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata:\n  version: "1" # {"$imagepolicy": "s:web:tag"}\n',
  });
  expect(await problems(cwd)).toEqual([
    expect.stringMatching(/^a\.yaml:1 ConfigMap a, container web: the marker of s:web tells .* put a marker/),
  ]);
});

test("a symbolic link is a problem and is not followed; JSON counts when it is a manifest", async () => {
  const secret = folderWith({ "secret.yaml": "a: [broken\n" });
  const cwd = folderWith({
    "a.json": '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}}',
    "package.json": '{"name": "x"}',
  });
  symlinkSync(join(secret, "secret.yaml"), join(cwd, "link.yaml"));
  symlinkSync(secret, join(cwd, "folder"));
  expect(await problems(cwd)).toEqual([
    "a.json:1 this ConfigMap has no metadata.name",
    expect.stringMatching(/^link\.yaml: this is a symbolic link/),
  ]);
});
