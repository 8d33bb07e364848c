import fc from "fast-check";
import { expect, test } from "vitest";
import { imageName, parseImage, sameVersion, showVersion, type Version, versionOf, withVersion } from "./image.ts";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

test.each([
  ["nginx", "docker.io/library/nginx", undefined, undefined],
  ["nginx:1.27", "docker.io/library/nginx", "1.27", undefined],
  ["docker.io/nginx", "docker.io/library/nginx", undefined, undefined],
  ["index.docker.io/library/nginx:1", "docker.io/library/nginx", "1", undefined],
  ["registry-1.docker.io/shop/cart", "docker.io/shop/cart", undefined, undefined],
  ["shop/cart:1", "docker.io/shop/cart", "1", undefined],
  ["a/b/c:1", "docker.io/a/b/c", "1", undefined],
  ["ghcr.io/shop/cart:v1.2.3", "ghcr.io/shop/cart", "v1.2.3", undefined],
  ["GHCR.io/shop/cart:1", "ghcr.io/shop/cart", "1", undefined],
  ["localhost/cart", "localhost/cart", undefined, undefined],
  ["localhost:5000/cart:1", "localhost:5000/cart", "1", undefined],
  ["registry:5000/cart", "registry:5000/cart", undefined, undefined],
  ["127.0.0.1:5000/shop/cart:1", "127.0.0.1:5000/shop/cart", "1", undefined],
  ["[::1]:5000/cart:1", "[::1]:5000/cart", "1", undefined],
  ["registry:5000", "docker.io/library/registry", "5000", undefined],
  [`cart@${digest}`, "docker.io/library/cart", undefined, digest],
  [`ghcr.io/shop/cart:1@${digest}`, "ghcr.io/shop/cart", "1", digest],
  ["registry:5000/foo:v1", "registry:5000/foo", "v1", undefined],
  [`registry:5000/foo/bar:v1@${digest}`, "registry:5000/foo/bar", "v1", digest],
  ["localhost:5000/path/to/repo/alpine:mytag", "localhost:5000/path/to/repo/alpine", "mytag", undefined],
  ["index.docker.io/alpine", "docker.io/library/alpine", undefined, undefined],
  ["library/alpine:3", "docker.io/library/alpine", "3", undefined],
  ["a/b/c/d", "docker.io/a/b/c/d", undefined, undefined],
  ["quay.io/weaveworks/hello:master-a000002", "quay.io/weaveworks/hello", "master-a000002", undefined],
  ["Registry/foo:1", "registry/foo", "1", undefined],
  ["my-registry.example.org:443/x:UPPER_lower.1-2", "my-registry.example.org:443/x", "UPPER_lower.1-2", undefined],
  [`[2001:db8::1]/cart@sha512:${"a1".repeat(64)}`, "[2001:db8::1]/cart", undefined, `sha512:${"a1".repeat(64)}`],
  [`${"f".repeat(64)}:1`, `docker.io/library/${"f".repeat(64)}`, "1", undefined],
  [`ghcr.io/${"x".repeat(255)}:${"y".repeat(128)}`, `ghcr.io/${"x".repeat(255)}`, "y".repeat(128), undefined],
  ["ghcr.io/shop/a_b.c-d__e--f:1", "ghcr.io/shop/a_b.c-d__e--f", "1", undefined],
])("%s names %s", (text, name, tag, itsDigest) => {
  const ref = parseImage(text);
  expect(ref && { name: imageName(ref), tag: ref.tag, digest: ref.digest, written: ref.written }).toEqual({
    name,
    tag,
    digest: itsDigest,
    written: text,
  });
});

test.each([
  "",
  " nginx",
  "nginx ",
  "nginx:",
  "nginx:a b",
  "nginx\n",
  "Nginx",
  "shop/Cart",
  "ghcr.io/Shop/cart",
  "nginx:-x",
  `nginx:${"x".repeat(129)}`,
  "nginx@sha256:abc",
  "nginx@",
  `nginx@${digest}@${digest}`,
  "a//b",
  "/nginx",
  "nginx/",
  "a/b:c:d",
  "shop/_cart",
  "shop/cart-",
  "https://ghcr.io/shop/cart",
  "-host.io/cart",
  "ghcr.io:port/cart",
  `ghcr.io/${"x".repeat(256)}`,
  "f".repeat(64),
  `nginx@sha256:${"a".repeat(63)}`,
  `nginx@sha256:${"A".repeat(64)}`,
  `nginx@md5:${"a".repeat(32)}`,
  `nginx:1@${digest}:2`,
  "/leading/slash",
  "trailing/slash/",
  ":1",
  "@",
  "foo:1:2",
  "registry:5000:1/foo",
  "registry:/foo",
  "registry..example/foo",
  "foo..bar/x",
  "shop/a___b",
  "shop/a.-b",
  "sh\u00f6p/cart",
  "nginx:\u0661",
  "ghcr.io\\shop",
  "{{ .Values.image }}",
  "$(IMAGE)",
])("%j is no image reference", (text) => {
  expect(parseImage(text)).toBeUndefined();
});

test.each(["a", "a/", "a.", "A-", "a:", "[", "::", "a@", "a_", "-", "a/b:c@"])(
  "a reference of ten thousand characters of %j is refused at once",
  (part) => {
    for (const text of [part.repeat(10_000), `${part.repeat(3_000)}!`, `ghcr.io/${part.repeat(10_000)}:1`])
      expect(parseImage(text)).toBeUndefined();
  },
);

const part = fc.stringMatching(/^[a-z0-9]{1,6}((\.|_|__|-)[a-z0-9]{1,4})?$/);
const tag = fc.stringMatching(/^[a-zA-Z0-9_][\w.-]{0,20}$/);
const aDigest = fc.stringMatching(/^[0-9a-f]{64}$/).map((hex) => `sha256:${hex}`);
const version: fc.Arbitrary<Version> = fc.oneof(
  tag.map((value) => ({ tag: value })),
  fc.record({ tag: fc.oneof(tag, fc.constant("")), digest: aDigest }),
);
const reference = fc
  .tuple(
    fc.constantFrom("", "ghcr.io/", "localhost:5000/", "docker.io/", "10.0.0.1/"),
    fc.array(part, { minLength: 1, maxLength: 3 }),
    fc.option(tag),
    fc.option(aDigest),
  )
  .map(([host, path, itsTag, itsDigest]) => {
    const ending = (itsTag === null ? "" : `:${itsTag}`) + (itsDigest === null ? "" : `@${itsDigest}`);
    return `${host}${path.join("/")}${ending}`;
  });

test("another version leaves the name as it was written, and is the version that is read back", () => {
  fc.assert(
    fc.property(reference, version, (text, wanted) => {
      const ref = parseImage(text)!;
      const result = withVersion(ref, wanted);
      if (result === undefined) return wanted.digest === undefined && ref.digest !== undefined;
      const read = parseImage(result)!;
      expect(read.writtenName).toBe(ref.writtenName);
      expect(imageName(read)).toBe(imageName(ref));
      expect(sameVersion(versionOf(read), wanted)).toBe(true);
      if (ref.digest !== undefined) expect(read.digest).toBe(wanted.digest);
      return true;
    }),
  );
});

test("a reference given the version it has stays as it is, unless it says nothing of a version", () => {
  fc.assert(
    fc.property(reference, (text) => {
      const ref = parseImage(text)!;
      const expected = ref.tag === undefined && ref.digest === undefined ? `${text}:latest` : text;
      expect(withVersion(ref, versionOf(ref))).toBe(expected);
    }),
  );
});

test("sameness of versions does not depend on their order", () => {
  fc.assert(
    fc.property(version, version, (a, b) => {
      expect(sameVersion(a, a)).toBe(true);
      expect(sameVersion(a, b)).toBe(sameVersion(b, a));
    }),
  );
});

test("a reference without a tag means latest, unless it has a digest", () => {
  expect(versionOf(parseImage("nginx")!)).toEqual({ tag: "latest" });
  expect(versionOf(parseImage(`nginx@${digest}`)!)).toEqual({ tag: "", digest });
});

test("a version is shown by its tag, and by the beginning of its digest where it has none", () => {
  expect(showVersion({ tag: "1.2", digest })).toBe("1.2");
  expect(showVersion({ tag: "", digest })).toBe("sha256:0123456789ab");
});
