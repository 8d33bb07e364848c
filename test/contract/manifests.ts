/** Manifests of the agent's scenarios, written as people write them. */

export function namespace(name: string): string {
  return `apiVersion: v1
kind: Namespace
metadata: { name: ${name} }
`;
}
export function deployment(space: string, name: string, tag = "1.0.0"): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: ${space} }
spec:
  replicas: 2
  selector: { matchLabels: { app: ${name} } }
${template(name, tag)}`;
}
export function statefulSet(space: string, name: string): string {
  return `apiVersion: apps/v1
kind: StatefulSet
metadata: { name: ${name}, namespace: ${space} }
spec:
  serviceName: ${name}
  selector: { matchLabels: { app: ${name} } }
${template(name, "1.0.0")}`;
}
export function cronJob(space: string, name: string): string {
  return `apiVersion: batch/v1
kind: CronJob
metadata: { name: ${name}, namespace: ${space} }
spec:
  schedule: "0 3 1 1 *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{ name: ${name}, image: "registry.shop.example/${name}:1.0.0" }]
`;
}
/** A Job; `more` are lines of its metadata. */
export function job(space: string, name: string, tag = "1.0.0", more = ""): string {
  return `apiVersion: batch/v1
kind: Job
metadata: { name: ${name}, namespace: ${space}${more === "" ? "" : `, ${more}`} }
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{ name: ${name}, image: "registry.shop.example/${name}:${tag}" }]
`;
}
export function configMap(space: string, name: string, value = "one"): string {
  return `apiVersion: v1
kind: ConfigMap
metadata: { name: ${name}, namespace: ${space} }
data: { value: ${value} }
`;
}
/** Several objects in one file. */
export function together(...objects: readonly string[]): string {
  return objects.join("---\n");
}

function template(name: string, tag: string): string {
  return `  template:
    metadata: { labels: { app: ${name} } }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: ${name}
          image: registry.shop.example/${name}:${tag} # moved by releases
          resources: { requests: { cpu: "0.05", memory: 64Mi } }
`;
}
