import { afterEach, expect, test } from "vitest";
import type { ImagesView, MatrixView, PipelineView, PromotionView } from "../../../src/model/views.ts";
import { until } from "../../support/until.ts";
import { deployment, startWorld, type World } from "../../support/world.ts";

let world: World;
afterEach(() => world.stop());

const web = "shop:deployment/web";
const imagesOf = async () =>
  (await world.call<{ containers: ImagesView[] }>("GET", `/images?workload=${encodeURIComponent(web)}`)).containers;
const scanned = (...tags: string[]) =>
  until("the registry to be read", async () => {
    const [view] = await imagesOf();
    return tags.every((tag) => view?.images.some((image) => image.tag === tag)) && view;
  });
/** A manifest with policies in Flux's words, its image tied to an ImagePolicy. */
function marked(tag: string, policies: Readonly<Record<string, string>> = {}): string {
  const annotations = Object.entries(policies).map(([key, value]) => `fluxcd.io/${key}: ${JSON.stringify(value)}`);
  return deployment("web", { web: tag })
    .replace("namespace: shop }", `namespace: shop, annotations: { ${annotations.join(", ")} } }`)
    .replace(
      /- \{ name: web, image: (.*) \} # keep me/,
      '- name: web\n          image: $1 # {"$imagepolicy": "flux-system:web"}',
    );
}
const imagePolicy = `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
metadata: { name: web, namespace: flux-system }
spec: { imageRepositoryRef: { name: web }, policy: { semver: { range: "~1.0" } } }
`;

test("a promotion tells of each change which rules were broken for it, and from what a person went back", async () => {
  world = await startWorld({
    environments: ["dev"],
    workloads: { web: { web: "1.1.0" } },
    images: { web: ["1.0.0", "1.1.0"] },
  });
  await scanned("1.0.0", "1.1.0");
  world.commit({ "clusters/dev/web.yaml": marked("1.1.0", { locked: "true", locked_user: "Bea" }) }, "Lock web");
  await until("the lock", async () => (await cell())?.locked?.by === "Bea");
  const view: PromotionView = await world.promote({
    target: "dev",
    source: "registry",
    selection: [{ workload: "web", container: "web", tag: "1.0.0" }],
    force: true,
    message: "1.1.0 loses orders",
  });
  expect(view.releases[0]!.changes).toMatchObject([{ forced: ["locked"], back: { tag: "1.1.0" } }]);
});

test("a pipeline tells which of its releases wait for a review, and on which branch", async () => {
  world = await startWorld({
    environments: ["dev"],
    stages: "[{ name: dev, environments: [dev], from: [{ registry: {} }], promote: manual }]",
    workloads: { web: { web: "1.0.0" } },
    images: { web: ["1.0.0", "1.1.0"] },
    commits: '{ branch: "sluice/{release}" }',
  });
  await scanned("1.1.0");
  const { promotion } = await world.promote({ target: "dev", source: "registry" });
  const stage = await until("the review", async () => {
    const { pipelines } = await world.call<{ pipelines: PipelineView[] }>("GET", "/pipelines");
    const [found] = pipelines[0]!.stages;
    return found!.inReview.length > 0 && found;
  });
  expect(stage).toMatchObject({
    underWay: [promotion.id],
    inReview: [{ promotion: promotion.id, environment: "dev", branch: `sluice/${promotion.id}/dev` }],
  });
});

test("matrix and images tell each environment's filter and whether an ImagePolicy or an annotation says it", async () => {
  world = await startWorld({
    environments: ["dev", "prod"],
    workloads: { web: { web: "1.0.0" } },
    images: { web: ["1.0.0", "1.1.0"] },
  });
  world.commit(
    {
      "clusters/dev/web.yaml": marked("1.0.0"),
      "clusters/dev/policy.yaml": imagePolicy,
      "clusters/prod/web.yaml": marked("1.0.0", { "tag.web": "glob:1.*" }),
    },
    "Filters",
  );
  await until("the filters", async () => (await cell())?.containers[0]?.filter !== undefined);
  expect((await cell())?.containers[0]?.filter).toEqual({ filter: "semver:~1.0", imagePolicy: "flux-system:web" });
  const view = await scanned("1.0.0", "1.1.0");
  expect(view.filters).toEqual([
    { filter: "semver:~1.0", imagePolicy: "flux-system:web", environments: ["dev"] },
    { filter: "glob:1.*", environments: ["prod"] },
  ]);
  expect(view.images.find(({ tag }) => tag === "1.1.0")).toMatchObject({ allowed: true, refusedIn: ["dev"] });
});

async function cell() {
  const { rows } = await world.call<MatrixView>("GET", "/matrix");
  return rows.find((row) => row.id === web)?.cells.dev;
}
