import { expect, test } from "vitest";
import { readManifests } from "./read.ts";
import { imagePlacesOf } from "./workloads.ts";

const head = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n";
const whole = '# {"$imagepolicy": "flux-system:web"}';

/** What markers say of a file's objects: paths, policies and what each scalar holds. */
function marks(text: string): string[] {
  const result = readManifests(text);
  if (!result.ok) throw new Error(result.problem.message);
  return result.file.objects.flatMap(({ object, markers }) =>
    (markers ?? []).map(({ path, policy, holds }) => `${object.metadata.name} ${path.join(".")} ${policy} ${holds}`),
  );
}

test.each([
  ["plain text", `${head}data:\n  a: x:1 ${whole}\n`],
  ["double quotes", `${head}data:\n  a: "x:1" ${whole}\n`],
  ["single quotes", `${head}data:\n  a: 'x:1'   ${whole}\n`],
  ["an anchor before it", `${head}data:\n  a: &it x:1 ${whole}\n`],
  ["Windows line ends", `${head}data:\n  a: x:1 ${whole}\n`.replaceAll("\n", "\r\n")],
  ["a byte order mark", `\uFEFF${head}data:\n  a: x:1 ${whole}`],
  ["text over two lines", `${head}data:\n  a: x\n    y ${whole}\n`],
  ["two signs before the comment", `${head}data:\n  a: x:1 #${whole}\n`],
])("a marker behind %s is seen", (_, text) => {
  expect(marks(text)).toEqual(["a data.a flux-system:web reference"]);
});

test.each(["name", "tag", "digest"])("a marker says that its scalar is the %s", (holds) => {
  expect(marks(`${head}data: \n  a: x # {"$imagepolicy": "s:web:${holds}"}\n`)).toEqual([`a data.a s:web ${holds}`]);
});

test.each([
  ["in quotes", `${head}data:\n  a: 'x:1 ${whole}'\n`],
  ["in a block of text", `${head}data:\n  a: |\n    x:1 ${whole}\n`],
  ["on a line of its own", `${head}data:\n  ${whole}\n  a: x:1\n`],
  ["behind a key", `${head}data:\n  a: ${whole}\n    b: x:1\n`],
  ["with another word", `${head}data:\n  a: x:1 # {"$imagepolicy": "s:web:size"}\n`],
  ["without a namespace", `${head}data:\n  a: x:1 # {"$imagepolicy": "web"}\n`],
  ["that is no JSON", `${head}data:\n  a: x:1 # {"$imagepolicy": s:web}\n`],
  ["that names no text", `${head}data:\n  a: x:1 # {"$imagepolicy": 1}\n`],
  ["in a comment that says more", `${head}data:\n  a: x:1 # see {"$imagepolicy": "s:web"}\n`],
])("what looks like a marker %s is none", (_, text) => {
  expect(marks(text)).toEqual([]);
});

test("each object gets its own markers, also in a List", () => {
  const list = `apiVersion: v1\nkind: List\nitems:\n- ${head.replaceAll("\n", "\n  ")}data:\n    k: x:1 ${whole}\n`;
  const other = head.replace("name: a", "name: b");
  expect(marks(`${other}---\n${other}data:\n  k: x:1 ${whole}\n---\n${list}`)).toEqual([
    "b data.k flux-system:web reference",
    "a data.k flux-system:web reference",
  ]);
});

function places(text: string): string[] {
  const result = readManifests(text);
  if (!result.ok) throw new Error(result.problem.message);
  return result.file.objects.flatMap((entry) =>
    imagePlacesOf(entry).map(
      ({ container, image, policy, fixed, parts }) =>
        `${container}=${image} ${policy} ${parts.map(({ holds }) => holds)}${fixed === undefined ? "" : " fixed"}`,
    ),
  );
}
const mark = (part: string, policy = "web") => `# {"$imagepolicy": "s:${policy}${part}"}`;

test("the parts of one image belong together by policy and by the mapping they stand in", () => {
  const data = [
    `  a:\n    name: x/one ${mark(":name")}\n    tag: "1" ${mark(":tag")}\n    digest: sha256:aa ${mark(":digest")}`,
    `  b:\n    name: x/two ${mark(":name")}\n    tag: "2" ${mark(":tag")}`,
    `  c: x/three:3 ${mark("", "three")}`,
  ];
  expect(places(`${head}data:\n${data.join("\n")}\n`)).toEqual([
    "web=x/one:1@sha256:aa s:web name,tag,digest",
    "web-2=x/two:2 s:web name,tag",
    "three=x/three:3 s:three reference",
  ]);
});

test("one name serves several tags, and one of several that stand elsewhere serves none", () => {
  const tags = `  one: "1" ${mark(":tag")}\n  two: "2" ${mark(":tag")}\n`;
  expect(places(`${head}spec:\n  name: x/y ${mark(":name")}\ndata:\n${tags}`)).toEqual([
    "web=x/y:1 s:web name,tag",
    "web-2=x/y:2 s:web name,tag",
  ]);
  const names = `spec:\n  name: x/y ${mark(":name")}\n  other: x/z ${mark(":name")}\n`;
  expect(places(`${head}${names}data:\n${tags}`)).toEqual([
    "web=:1 s:web tag fixed",
    "web-2=:2 s:web tag fixed",
    "web-3=x/y s:web reference fixed",
    "web-4=x/z s:web reference fixed",
  ]);
});

test("a tag with nothing that tells its name cannot be released, nor can a name alone or an empty field", () => {
  expect(places(`${head}data:\n  a: "1" ${mark(":tag")}\n  image: x/y\n`)).toEqual(["web=:1 s:web tag fixed"]);
  expect(places(`${head}data:\n  tag: "1" ${mark(":tag")}\n  image: x/y\n`)).toEqual(["web=x/y:1 s:web name,tag"]);
  expect(places(`${head}data:\n  a: x/y ${mark(":name")}\n`)).toEqual(["web=x/y s:web reference fixed"]);
  expect(places(`${head}data:\n  a: "" ${mark("")}\n`)).toEqual(["web= s:web  fixed"]);
});

test("a marker at an image that is found anyway names its policy and makes no second one", () => {
  const values = `spec:\n  values:\n    image:\n      repository: x/y ${mark(":name")}\n      tag: "1" ${mark(":tag")}\n`;
  expect(places(`apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: { name: a }\n${values}`)).toEqual([
    "chart-image=x/y:1 s:web name,tag",
  ]);
});
