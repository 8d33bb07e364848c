import { afterEach, expect, test } from "vitest";
import { until } from "../../support/until.ts";
import { startWorld, type World } from "../../support/world.ts";

let world: World;
afterEach(() => world.stop());

const kustomization = `# what dev runs
images:
  - name: web # the base's name
    newName: registry.shop.example/shop/web
    newTag: 1.0.0 # moved by releases
`;
const values = `image:
  registry: registry.shop.example
  repository: shop/api
  tag: '1.0.0'
`;
const widget = `apiVersion: example.com/v1
kind: Widget
metadata: { name: board, namespace: shop }
spec: { parts: [{ name: web, picture: "registry.shop.example/shop/web:1.0.0" }] }
`;

test("a release moves images in a kustomization, in a chart's values and in a custom resource, and ends when Git was read", async () => {
  world = await startWorld({
    environments: ["dev"],
    workloads: {},
    images: { web: ["1.0.0", "1.1.0"], api: ["1.0.0", "1.1.0"] },
  });
  const document = world.file("sluice/dev.yaml");
  world.commit(
    {
      "sluice/dev.yaml": `${document}  images:
    files:
      - { path: apps/web/kustomization.yaml, kind: kustomization, namespace: shop }
      - { path: charts/api/values.yaml, kind: values, namespace: shop }
    fields: [{ kind: example.com/Widget, path: "spec.parts[*].picture" }]
`,
      "apps/web/kustomization.yaml": kustomization,
      "charts/api/values.yaml": values,
      "clusters/dev/widget.yaml": widget,
    },
    "Images elsewhere",
  );
  await until("the rules known", () => world.agent.frames.filter(({ type }) => type === "welcome").length > 1);
  await world.agent.reportAll();
  const { promotion } = await until("the images known", async () => {
    const view = await world.promote({ target: "dev", source: "registry" });
    return view.promotion.state !== "nothing to do" && view;
  });
  const { promotion: ended } = await world.ended(promotion.id);
  expect(ended.state).toBe("succeeded");
  expect(world.file("apps/web/kustomization.yaml")).toBe(kustomization.replace("1.0.0", "1.1.0"));
  expect(world.file("charts/api/values.yaml")).toBe(values.replace("1.0.0", "1.1.0"));
  expect(world.file("clusters/dev/widget.yaml")).toBe(widget.replace("1.0.0", "1.1.0"));
  const [message] = world.messages();
  expect(message).toContain("Sluice-Image: shop:kustomization/web web registry.shop.example/shop/web:1.0.0 -> ");
  expect(message).toContain("Sluice-Image: shop:helmvalues/api chart-image registry.shop.example/shop/api:1.0.0 -> ");
  expect(message).toContain("Sluice-Image: shop:widget/board web registry.shop.example/shop/web:1.0.0 -> ");
});
