import { expect, test } from "vitest";
import type { KubeObject } from "../../model/kubernetes.ts";
import { editManifests } from "../edit.ts";

interface Options {
  readonly annotations?: string;
  readonly labels?: string;
  readonly podLabels?: string;
  readonly selector?: string;
  readonly more?: string;
}
function deployment({
  annotations = "{}",
  labels = "{app: cart, version: v1}",
  podLabels = labels,
  selector = "{matchLabels: {app: cart}}",
  more = "",
}: Options): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: cart
  namespace: shop
  annotations: ${annotations}
  labels: ${labels}
spec:
  selector: ${selector}
  template:
    metadata:
      labels: ${podLabels}
    spec:
      initContainers:
      - {name: first, image: "shop/init:v1"}
      containers:
      - {name: cart, image: "shop/cart:v1"}
      - {name: side, image: "shop/side:v1"}
${more}`;
}
function edit(container: string, image: string) {
  return { workload: "shop:deployment/cart", container, image };
}
const cart = edit("cart", "shop/cart:v2");

test("labels that had the old tag follow the new one, on the object and on its pods", () => {
  const text = deployment({ labels: "{app.kubernetes.io/version: 'v1', version: v1, other: v1}" });
  const image = edit("cart", "shop/cart:1.0");
  expect(editManifests("a.yaml", text, [image])).toBe(
    text
      .replaceAll("app.kubernetes.io/version: 'v1', version: v1", `app.kubernetes.io/version: '1.0', version: "1.0"`)
      .replace("shop/cart:v1", "shop/cart:1.0"),
  );
});

test("a label that says something else stays", () => {
  const text = deployment({ labels: "{version: v0}" });
  expect(editManifests("a.yaml", text, [cart])).toBe(text.replace("cart:v1", "cart:v2"));
});

test("a label follows the first container that had its tag, init containers last", () => {
  const text = deployment({});
  expect(editManifests("a.yaml", text, [edit("side", "shop/side:v3")])).toBe(text.replace("side:v1", "side:v3"));
  expect(editManifests("a.yaml", text, [edit("first", "shop/init:v3")])).toBe(text.replace("init:v1", "init:v3"));
  const all = [edit("side", "shop/side:v3"), cart, edit("first", "shop/init:v4")];
  expect(editManifests("a.yaml", text, all)).toBe(
    text
      .replace("side:v1", "side:v3")
      .replace("init:v1", "init:v4")
      .replace("cart:v1", "cart:v2")
      .replaceAll("version: v1", "version: v2"),
  );
});

test("a label that stands in a selector never follows", () => {
  for (const selector of [
    "{matchLabels: {app: cart, version: v1}}",
    "{version: v1}",
    "{matchExpressions: [{key: version, operator: In, values: [v1]}]}",
  ]) {
    const text = deployment({ selector });
    expect(editManifests("a.yaml", text, [cart])).toBe(text.replace("cart:v1", "cart:v2"));
  }
});

test("nor does one that a Service or a mesh's subset in the file finds the pods by", () => {
  const service = (spec: string, namespace = "shop") =>
    `---\napiVersion: v1\nkind: Service\nmetadata: {name: cart, namespace: ${namespace}}\nspec: ${spec}\n`;
  const followed = (more: string) => editManifests("a.yaml", deployment({ more }), [cart]).includes("version: v2}");
  expect(followed(service("{selector: {app: cart, version: v1}}"))).toBe(false);
  expect(followed(service("{subsets: [{name: v1, labels: {version: v1}}]}"))).toBe(false);
  expect(followed(service("{selector: {app: cart}}"))).toBe(true);
  expect(followed(service("{selector: {app: other, version: v1}}"))).toBe(true);
  expect(followed(service("{selector: {app: cart, version: v1}}", "other"))).toBe(true);
});

test.each([
  [
    "an expression",
    "kind: NetworkPolicy",
    "{podSelector: {matchExpressions: [{key: version, operator: In, values: [v1]}]}}",
  ],
  [
    "an expression that would find it anew",
    "kind: X",
    "{selector: {matchExpressions: [{key: version, operator: NotIn, values: [v1]}]}}",
  ],
  ["the new value", "kind: Service", "{selector: {app: cart, version: v2}}"],
  ["a mesh's workload selector", "kind: Sidecar", "{workloadSelector: {labels: {app: cart, version: v1}}}"],
  ["a selector written as text", "kind: NetworkPolicy", `{selector: "app == 'cart' && version == 'v1'"}`],
  [
    "another workload's affinity",
    "kind: Deployment",
    "{template: {spec: {affinity: {podAffinity: {x: [{labelSelector: {matchLabels: {version: v1}}}]}}}}}",
  ],
])("nor does one that is found by %s", (_, kind, spec) => {
  const more = `---\napiVersion: x/v1\n${kind}\nmetadata: {name: other, namespace: shop}\nspec: ${spec}\n`;
  expect(editManifests("a.yaml", deployment({ more }), [cart])).toBe(
    deployment({ more }).replace("shop/cart:v1", "shop/cart:v2"),
  );
});

test("selectors that find the same before and after do not hold a label", () => {
  const expression = (text: string) =>
    `---\napiVersion: x/v1\nkind: X\nmetadata: {name: x, namespace: shop}\nspec: {selector: {matchLabels: {app: other}, matchExpressions: [${text}]}}\n`;
  const more = expression("{key: version, operator: In, values: [v1]}") + expression("{key: app, operator: Exists}");
  expect(editManifests("a.yaml", deployment({ more }), [cart])).toContain("version: v2}");
});

test("selectors of the cluster and of objects that look into other namespaces count, those of one namespace elsewhere do not", () => {
  const policy = (metadata: string, more = "") =>
    `---\napiVersion: x/v1\nkind: Policy\nmetadata: ${metadata}\nspec: {${more}podSelector: {matchLabels: {version: v1}}}\n`;
  const followed = (more: string) => editManifests("a.yaml", deployment({ more }), [cart]).includes("version: v2}");
  expect(followed(policy("{name: all}"))).toBe(false);
  expect(followed(policy("{name: x, namespace: other}", "namespaceSelector: {}, "))).toBe(false);
  expect(followed(policy("{name: x, namespace: other}"))).toBe(true);
});

test("labels that select because no selector is written stay", () => {
  const controller = (selector: string) =>
    `apiVersion: v1\nkind: ReplicationController\nmetadata: {name: cart, namespace: shop}\nspec:\n${selector}  template:\n    metadata: {labels: {app: cart, version: v1}}\n    spec: {containers: [{name: cart, image: "shop/cart:v1"}]}\n`;
  const edited = (text: string) =>
    editManifests("a.yaml", text, [
      { workload: "shop:replicationcontroller/cart", container: "cart", image: "shop/cart:v2" },
    ]);
  expect(edited(controller(""))).toBe(controller("").replace("cart:v1", "cart:v2"));
  expect(edited(controller("  selector: {app: cart}\n"))).toContain("version: v2}");
});

test("labels of a StatefulSet's volume claims, which nobody can change, stay", () => {
  const claims = "  volumeClaimTemplates:\n  - metadata: {name: data, labels: {version: v1}}\n";
  const text = deployment({ more: claims }).replace("Deployment", "StatefulSet");
  const edit = { workload: "shop:statefulset/cart", container: "cart", image: "shop/cart:v2" };
  expect(editManifests("a.yaml", text, [edit])).toBe(
    text.replaceAll("app: cart, version: v1", "app: cart, version: v2").replace("shop/cart:v1", "shop/cart:v2"),
  );
});

test("nor does one that an object of another file finds the pods by, which is looked for only then", () => {
  const service: KubeObject = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "cart", namespace: "shop" },
    spec: { selector: { app: "cart", version: "v1" } },
  };
  let asked = 0;
  const neighbours = () => {
    asked++;
    return [service];
  };
  const edited = editManifests("a.yaml", deployment({}), [cart], { neighbours });
  expect(edited).toBe(deployment({}).replace("cart:v1", "cart:v2"));
  asked = 0;
  editManifests("a.yaml", deployment({ labels: "{app: cart}" }), [cart], { neighbours });
  expect(asked).toBe(0);
});

test("the labels that follow are those the workload names, and none where it names none", () => {
  const labels = "{version: v1, release: v1, chart: v1}";
  const named = deployment({ labels, annotations: '{sluice.dev/version-labels: "release, chart"}' });
  expect(editManifests("a.yaml", named, [cart])).toBe(
    named.replaceAll("release: v1, chart: v1", "release: v2, chart: v2").replace("cart:v1", "cart:v2"),
  );
  const none = deployment({ labels, annotations: '{sluice.dev/version-labels: ""}' });
  expect(editManifests("a.yaml", none, [cart])).toBe(none.replace("cart:v1", "cart:v2"));
});

test("a tag that is no value of a label is refused, with what to do", () => {
  const long = "v".repeat(64);
  for (const image of ["shop/cart:v2_", `shop/cart:${long}`, `shop/cart@sha256:${"a".repeat(64)}`])
    expect(() => editManifests("a.yaml", deployment({}), [edit("cart", image)])).toThrow(
      /^a\.yaml line \d+: the label version follows the tag, and .*sluice\.dev\/version-labels/,
    );
});

test("labels shared by an anchor follow in the one place where they are written", () => {
  const text = deployment({ labels: "&labels {app: cart, version: v1}", podLabels: "*labels" });
  expect(editManifests("a.yaml", text, [cart])).toBe(
    text.replace("version: v1", "version: v2").replace("cart:v1", "cart:v2"),
  );
});

test("labels shared with what is not to change are refused, naming what would change", () => {
  const more = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n";
  const text = deployment({ labels: "&labels {app: cart, version: v1}", podLabels: "*labels", more }).replace(
    "  annotations: {}",
    "  annotations: {}\n  managed: {copy: &copy v1}",
  );
  const shared = text.replace("version: v1}", "version: *copy}").replace("  managed: {copy: &copy v1}\n", "");
  const aliased = shared.replace("  annotations: {}", "  annotations: {copy: &copy v1}");
  expect(() => editManifests("a.yaml", aliased, [cart])).toThrow(
    /would leave metadata\.labels\.version of deployment\/cart \(line \d+\) as it is/,
  );
});

test("a CronJob's labels follow on every template", () => {
  const text = `apiVersion: batch/v1
kind: CronJob
metadata: {name: tick, labels: {version: v1}}
spec:
  jobTemplate:
    metadata: {labels: {version: v1}}
    spec:
      template:
        metadata: {labels: {version: v1}}
        spec: {containers: [{name: tick, image: tick:v1}]}
`;
  const image = { workload: "default:cronjob/tick", container: "tick", image: "tick:v2" };
  expect(editManifests("a.yaml", text, [image])).toBe(text.replaceAll("v1}", "v2}").replace("batch/v2", "batch/v1"));
});
