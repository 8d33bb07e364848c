/** The configuration and manifests of the bench's world: dev takes what is pushed, stage is two clusters side by side. */
export const image = "registry.bench.example/shop/catalogue";
export const clusters = ["dev", "stage-eu", "stage-us"] as const;
const others = ["cart", "session", "search", "mail", "stock", "prices", "front"];

export function repositoryFiles(repository: string, registry: string): Record<string, string> {
  const files: Record<string, string> = { "sluice/all.yaml": documents(repository, registry) };
  for (const cluster of clusters) {
    files[`clusters/${cluster}/space.yaml`] = "apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n";
    for (const name of ["catalogue", ...others])
      files[`clusters/${cluster}/${name}.yaml`] = deployment(
        name,
        name === "catalogue" ? `${image}:1.0.0` : `${image}-other:1.0.0`,
      );
  }
  return files;
}

export function deployment(name: string, reference: string, namespace = "shop"): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  replicas: 1
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers:
        - name: ${name}
          image: ${reference} # one line changes
`;
}

function documents(repository: string, registry: string): string {
  const environments = clusters.map(
    (name) => `apiVersion: sluice.dev/v1
kind: Environment
metadata: { name: ${name} }
spec:
  cluster: ${name}
  git: { repository: "${repository}", paths: [clusters/${name}] }
  health: { settle: 200ms }
`,
  );
  return [
    ...environments,
    `apiVersion: sluice.dev/v1
kind: Settings
metadata: { name: bench }
spec:
  registries: [{ host: registry.bench.example, endpoint: "${registry}", poll: 60s }]
`,
    `apiVersion: sluice.dev/v1
kind: Pipeline
metadata: { name: shop }
spec:
  workloads: [{ namespace: shop }]
  stages:
    - { name: dev, environments: [dev], from: [{ registry: {} }], promote: automatic }
    - { name: stage, environments: [stage-eu, stage-us], from: [{ stage: dev }], promote: manual }
`,
  ].join("---\n");
}
