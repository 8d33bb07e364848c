import { expect, test } from "vitest";
import { between } from "./between.ts";

const image = (tag: string, createdAt?: number) => ({
  tag,
  digest: `sha256:${tag}`,
  environments: [],
  allowed: true,
  refusedIn: [],
  ...(createdAt === undefined ? {} : { createdAt }),
});
const images = [image("1.0", 10), image("1.1", 20), image("1.2", 30), image("1.3", 40)];
const tags = (from: string, to: string) =>
  between(images, { fromVersion: { tag: from }, toVersion: { tag: to } }).map((entry) => entry.tag);

test("a move brings in every build after the old one up to the new one", () => {
  expect(tags("1.0", "1.2")).toEqual(["1.2", "1.1"]);
});

test("a step back brings in only the image it goes to", () => {
  expect(tags("1.3", "1.0")).toEqual(["1.0"]);
});

test("an old image that the registry has lost does not make a list up", () => {
  expect(tags("0.9", "1.1")).toEqual(["1.1"]);
});
