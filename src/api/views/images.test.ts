import { expect, test } from "vitest";
import type { CatalogueRepository } from "../../model/catalogue.ts";
import type { ContainerImage, Workload } from "../../model/workload.ts";
import { type ImageUse, imagesView } from "./images.ts";

const repository = (more: Partial<CatalogueRepository> = {}): CatalogueRepository => ({
  name: "registry.example.com/cart",
  images: ["1.0.0", "1.1.0", "2.0.0"].map((tag, index) => ({
    name: "registry.example.com/cart",
    tag,
    digest: `sha256:${tag}`,
    createdAt: index,
    seenAt: 0,
    labels: {},
  })),
  badTags: {},
  ...more,
});

interface Written {
  readonly tag: string;
  /** As annotations say. */
  readonly filter?: string;
  /** As an ImagePolicy says that a marker names. */
  readonly tied?: string;
  readonly marker?: string;
}
function use(environment: string, { tag, filter, tied, marker }: Written): ImageUse {
  const slot: ContainerImage = {
    container: "web",
    init: false,
    image: `registry.example.com/cart:${tag}`,
    ...(marker === undefined ? {} : { policy: marker }),
  };
  const inForce = filter ?? tied;
  const workload: Workload = {
    id: "shop:deployment/cart",
    apiVersion: "apps/v1",
    kind: "Deployment",
    namespace: "shop",
    name: "cart",
    file: `${environment}/cart.yaml`,
    line: 1,
    containers: [slot],
    policy: {
      automated: false,
      ignored: false,
      tags: inForce === undefined ? {} : { web: inForce },
      written: filter === undefined ? {} : { "tag.web": filter },
    },
  };
  return { environment, workload, slot };
}

test("a tag is left out where that environment's own filter leaves it out", () => {
  const view = imagesView(
    [use("dev", { tag: "2.0.0" }), use("prod", { tag: "1.0.0", filter: "semver:~1" })],
    repository(),
    9,
  );
  expect(
    view.images.map(({ tag, allowed, refusedIn, environments }) => [tag, allowed, refusedIn, environments]),
  ).toEqual([
    ["2.0.0", true, ["prod"], ["dev"]],
    ["1.1.0", true, [], []],
    ["1.0.0", true, [], ["prod"]],
  ]);
  expect(view.filters).toEqual([{ environments: ["dev"] }, { filter: "semver:~1", environments: ["prod"] }]);
});

test("a filter tells whether an annotation or an ImagePolicy says it", () => {
  const filters = (written: Written) => imagesView([use("dev", written)], repository(), 9).filters;
  const marker = "flux-system:cart";
  expect(filters({ tag: "1", tied: "semver:1", marker })).toEqual([
    { filter: "semver:1", imagePolicy: marker, environments: ["dev"] },
  ]);
  expect(filters({ tag: "1", filter: "glob:1*", tied: "semver:1", marker })).toEqual([
    { filter: "glob:1*", environments: ["dev"] },
  ]);
  expect(filters({ tag: "1", marker })).toEqual([{ imagePolicy: marker, environments: ["dev"] }]);
});

test("a filter that cannot be used allows no tag and says why", () => {
  const view = imagesView([use("dev", { tag: "1.0.0", filter: "semver:nonsense" })], repository(), 9);
  expect(view.filters[0]?.problem).toMatch(/dev\/cart\.yaml/);
  expect(view.images.map(({ allowed }) => allowed)).toEqual([false, false, false]);
});

test("a list that lost tags, tags that cannot be read and a failed scan are told apart", () => {
  const view = imagesView(
    [use("dev", { tag: "1.0.0" })],
    repository({
      problem: "no route",
      suspect: { since: 0, had: 9, has: 3 },
      badTags: { "2.1.0": "manifest unknown" },
    }),
    9,
  );
  expect(view.problem).toBe("no route");
  expect(view.scanProblem).toBe("no route");
  expect(view.tagsMissing?.text).toMatch(/listed 9 tags and lists only 3/);
  expect(view.unreadable).toEqual([{ tag: "2.1.0", reason: "manifest unknown" }]);
});

test("what runs is listed however old it is", () => {
  const view = imagesView([use("dev", { tag: "1.0.0" })], repository(), 1);
  expect(view.images.map(({ tag }) => tag)).toEqual(["2.0.0", "1.0.0"]);
});
