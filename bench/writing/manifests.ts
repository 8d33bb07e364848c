/** The manifests of the benches that write: many workloads, few image repositories, two tags of each. */
export const imageHost = "registry.bench.example";
export const imageCount = 50;
export const [oldTag, newTag] = ["1.0.0", "1.1.0"] as const;
const perFolder = 100;

/** One workload of the bench's environment. */
export interface BenchWorkload {
  readonly id: string;
  readonly path: string;
  readonly image: string;
}

/** `count` workloads in folders of a hundred, one file each, as a grown repository has them. */
export function workloadsOf(count: number, root: string): BenchWorkload[] {
  return Array.from({ length: count }, (_, index) => {
    const namespace = `team-${String(Math.floor(index / perFolder)).padStart(3, "0")}`;
    const name = `app-${String(index % perFolder).padStart(2, "0")}`;
    return {
      id: `${namespace}:deployment/${name}`,
      path: `${root}/${namespace}/${name}.yaml`,
      image: `${imageHost}/shop/app-${index % imageCount}`,
    };
  });
}

/** A Deployment as people write them, with a comment that has to survive. */
export function manifestOf(workload: BenchWorkload, tag = oldTag): string {
  const [namespace = "", name = ""] = workload.id.split(":deployment/");
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: ${namespace}
  labels: { app: ${name} }
spec:
  replicas: 2
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers:
        - name: ${name}
          image: ${workload.image}:${tag} # one line changes
          ports: [{ containerPort: 8080 }]
          resources: { requests: { cpu: 10m, memory: 16Mi } }
`;
}

/** The documents of an environment `prod` that stands in a repository, and of where images come from. */
export function documents(repository: string, registry: string, root: string): string {
  return `apiVersion: sluice.dev/v1
kind: Environment
metadata: { name: prod }
spec:
  cluster: prod
  git: { repository: "${repository}", paths: [${root}] }
---
apiVersion: sluice.dev/v1
kind: Settings
metadata: { name: bench }
spec:
  registries: [{ host: ${imageHost}, endpoint: "${registry}", poll: 1h }]
`;
}
