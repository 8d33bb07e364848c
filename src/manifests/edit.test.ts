import fc from "fast-check";
import { expect, test } from "vitest";
import { SluiceError } from "../errors.ts";
import { editManifests, type ImageEdit } from "./edit.ts";

/** A file as pieces: text that must stay, and images, of which some will be replaced. */
type Piece =
  | string
  | { readonly workload: string; readonly container: string; readonly image: string; readonly quote: string };

const imageText = fc.constantFrom(
  "nginx",
  "shop/cart:1.0",
  "ghcr.io/shop/web:main-12",
  `redis@sha256:${"ab".repeat(32)}`,
);
const comment = fc.constantFrom("", " # keep me", "   #", " # 'odd' \"quotes\" {{ not a template }}");
const blank = fc.constantFrom("", "\n", "\n# a note: image: foo:1\n\n");
const quote = fc.constantFrom("", "'", '"');
const before = fc.constantFrom("", "!!str ", "&anchored ", "! ", "  ");

function slot(workload: string, container: string): fc.Arbitrary<Piece> {
  return fc.record({ workload: fc.constant(workload), container: fc.constant(container), image: imageText, quote });
}

/** One container of a list, written in one of many ways, each indented by four. */
function container(workload: string, name: string): fc.Arbitrary<Piece[]> {
  return fc.tuple(slot(workload, name), before, comment, fc.nat(5)).map(([image, prefix, note, style]): Piece[] => {
    const tag = prefix === "&anchored " ? `&${name} ` : prefix;
    if (style === 0)
      return [`    - name: ${name}\n      image: ${tag}`, image, `${note}\n      env: [{name: A, value: "foo:1"}]\n`];
    if (style === 1) return [`    - image:   ${tag}`, image, `${note}\n      name: '${name}'\n`];
    if (style === 2) return [`    - {name: ${name}, image: ${tag}`, image, ` , args: [image, "x: y"]}${note}\n`];
    if (style === 3) return [`    - ? name\n      : ${name}\n      ? image\n      : ${tag}`, image, `${note}\n`];
    if (style === 4) return [`    - {"image": ${tag}`, image, `, "name":"${name}"}\n`];
    return [`    -\n      name: ${name}\n      image:${note}\n        ${tag}`, image, `\n`];
  });
}

function deployment(name: string): fc.Arbitrary<Piece[]> {
  const id = `shop:deployment/${name}`;
  const inits = fc
    .integer({ min: 0, max: 2 })
    .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => container(id, `i${index}`))));
  const mains = fc
    .integer({ min: 1, max: 3 })
    .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => container(id, `c${index}`))));
  return fc
    .tuple(inits, mains, blank, comment)
    .map(([init, main, gap, note]): Piece[] => [
      `apiVersion: apps/v1${note}\nkind: Deployment\n${gap}metadata: {namespace: shop, name: ${name}}\nspec:\n template:\n  spec:\n`,
      ...(init.length === 0 ? [] : ["   initContainers:\n", ...init.flat()]),
      "   containers:\n",
      ...main.flat(),
      `${gap}   volumes: []\n`,
    ]);
}

/** The pieces as items of a List: every line moves right. */
function asItem(pieces: readonly Piece[]): Piece[] {
  const moved = pieces.map((piece) => (typeof piece === "string" ? piece.replaceAll("\n", "\n  ") : piece));
  return ["- ", ...moved, "\n"];
}

const other =
  "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata:\n  image: foo:1\n  text: |\n    image: shop/cart:1.0\n";
const file = fc
  .tuple(
    fc.tuple(deployment("a"), deployment("b"), deployment("c")),
    fc.record({ list: fc.boolean(), mark: fc.boolean(), crlf: fc.boolean(), noEnd: fc.boolean(), start: fc.boolean() }),
  )
  .map(([[a, b, c], form]) => {
    const apart = [...a, "---\n", other, "---   # next\n", ...b, "---\n", ...c];
    const together = ["apiVersion: v1\nkind: List\nitems:\n", ...asItem(a), ...asItem(b), ...asItem(c)];
    const pieces: Piece[] = [...(form.start ? ["---\n"] : []), ...(form.list ? together : apart)];
    if (form.noEnd) pieces.push((pieces.pop() as string).trimEnd());
    const lines = pieces.map((piece) =>
      form.crlf && typeof piece === "string" ? piece.replaceAll("\n", "\r\n") : piece,
    );
    return form.mark ? ["\uFEFF", ...lines] : lines;
  });

function render(pieces: readonly Piece[], edits: readonly ImageEdit[] = []): string {
  return pieces
    .map((piece) => {
      if (typeof piece === "string") return piece;
      const edit = edits.find((entry) => entry.workload === piece.workload && entry.container === piece.container);
      return `${piece.quote}${edit?.image ?? piece.image}${piece.quote}`;
    })
    .join("");
}

const newImage = fc.constantFrom(
  "shop/cart:2.0",
  "nginx:1.29.1-alpine",
  `ghcr.io/shop/web:main-13@sha256:${"cd".repeat(32)}`,
);

test("an edit replaces the bytes of the planned values and leaves every other byte as it was", () => {
  fc.assert(
    fc.property(file, fc.infiniteStream(fc.option(newImage)), (pieces, choices) => {
      const slots = pieces.filter((piece) => typeof piece !== "string");
      const edits = slots.flatMap(({ workload, container: name }) => {
        const { value } = choices.next();
        return value === null || value === undefined ? [] : [{ workload, container: name, image: value }];
      });
      expect(editManifests("app.yaml", render(pieces), edits)).toBe(render(pieces, edits));
    }),
    { numRuns: 500 },
  );
});

test("an edit and the edit back give the file that was there", () => {
  fc.assert(
    fc.property(file, newImage, (pieces, image) => {
      const text = render(pieces);
      const slots = pieces.filter((piece) => typeof piece !== "string");
      const there = slots.map(({ workload, container: name }) => ({ workload, container: name, image }));
      const back = slots.map(({ workload, container: name, image: old }) => ({
        workload,
        container: name,
        image: old,
      }));
      expect(editManifests("app.yaml", editManifests("app.yaml", text, there), back)).toBe(text);
    }),
    { numRuns: 100 },
  );
});

const deploy = (containers: string): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: cart, namespace: shop}\nspec:\n  template:\n    spec:\n${containers}`;
const edit = { workload: "shop:deployment/cart", container: "cart", image: "shop/cart:2" };

function refusal(text: string, edits: readonly ImageEdit[] = [edit]): SluiceError {
  try {
    editManifests("shop/cart.yaml", text, edits);
  } catch (thrown) {
    if (thrown instanceof SluiceError) return thrown;
    throw thrown;
  }
  throw new Error("the edit was not refused");
}

test.each([
  ["an alias", "      x: &i shop/cart:1\n      containers:\n      - name: cart\n        image: *i\n", 10, /YAML alias/],
  [
    "a merge",
    "      x: &c {image: shop/cart:1}\n      containers:\n      - {<<: *c, name: cart}\n",
    9,
    /alias or merge/,
  ],
  [
    "an anchor that is used elsewhere",
    "      containers:\n      - {name: cart, image: &i shop/cart:1}\n      - {name: copy, image: *i}\n",
    8,
    /would change spec\.template\.spec\.containers\[1\]\.image of deployment\/cart \(line 9\) too/,
  ],
  [
    "a container list that is shared",
    "      initContainers: &list\n      - {name: cart, image: shop/cart:1}\n      containers: *list\n",
    9,
    /YAML alias/,
  ],
])("%s is refused with file, line and reason", (_, containers, line, reason) => {
  const error = refusal(deploy(containers));
  expect(error.code).toBe("invalid_manifest");
  expect(error.message).toMatch(reason);
  expect(error.facts.file).toBe("shop/cart.yaml");
  expect(error.facts.line).toBe(line);
});

const plain = deploy("      containers:\n      - name: cart\n        image: shop/cart:1\n");

test("of an image written as a block only the line that holds it changes", () => {
  for (const mark of ["|-", ">-", "|2-", ">- # why not"]) {
    const text = deploy(
      `      containers:\n      - name: cart\n        image: ${mark}\n          shop/cart:1\n\n      - {name: x, image: y}\n`,
    );
    expect(editManifests("a.yaml", text, [edit])).toBe(text.replace("shop/cart:1", "shop/cart:2"));
  }
});

test("a container that is not there is refused", () => {
  expect(refusal(plain, [{ ...edit, container: "web" }]).message).toMatch(/has no container web/);
  expect(refusal(plain, [{ ...edit, workload: "shop:deployment/web" }]).message).toMatch(/shop:deployment\/web has no/);
});

test("what is no image reference is never written", () => {
  for (const image of ["", "a b", "x\nkind: Secret", "x # y", "'x'", "Upper/Case", "{a: b}"])
    expect(refusal(plain, [{ ...edit, image }]).message).toMatch(/is no image reference/);
});

test("two different images for one container are refused, the same one twice is one edit", () => {
  expect(refusal(plain, [edit, { ...edit, image: "shop/cart:3" }]).message).toMatch(/two images are asked for/);
  expect(refusal(plain, [{ ...edit, image: "shop/cart:1" }, edit]).message).toMatch(/two images are asked for/);
  expect(editManifests("a.yaml", plain, [edit, edit])).toBe(plain.replace("cart:1", "cart:2"));
});

test("an image that would mean something else unquoted is quoted", () => {
  const image = "[::1]:5000/shop/cart:2";
  expect(editManifests("a.yaml", plain, [{ ...edit, image }])).toBe(plain.replace("shop/cart:1", `"${image}"`));
});

test("an image that stands there already changes no byte", () => {
  expect(editManifests("a.yaml", plain, [{ ...edit, image: "shop/cart:1" }])).toBe(plain);
});

test("a JSON file stays JSON", () => {
  const object = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "cart", namespace: "shop" },
    spec: { template: { spec: { containers: [{ name: "cart", image: "shop/cart:1" }] } } },
  };
  const text = JSON.stringify(object, null, "\t");
  expect(editManifests("a.json", text, [edit])).toBe(text.replace("cart:1", "cart:2"));
});

test("a file that cannot be read is refused with its line", () => {
  const error = refusal(`${plain}\tx: 1\n`);
  expect(error.facts.line).toBe(10);
});
