import { configurationPath, environmentNames, type WorldSeed } from "./seed.ts";

/** Addresses of this run that documents name. */
export interface WorldAddresses {
  readonly git: string;
  readonly registry: string;
}

/** The configuration documents of a world, by path in the configuration repository. */
export function worldDocuments(seed: WorldSeed, addresses: WorldAddresses): Record<string, string> {
  const repository = `${addresses.git}/${configurationPath}.git`;
  return {
    "README.md": readme(seed, repository),
    "sluice/environments.yaml": environmentNames.map((name) => environment(name, repository)).join("---\n"),
    "sluice/pipeline.yaml": pipeline(seed),
    "sluice/registries.yaml": registries(seed, addresses.registry),
  };
}

function environment(name: string, repository: string): string {
  return `apiVersion: sluice.dev/v1
kind: Environment
metadata: { name: ${name} }
spec:
  cluster: ${name}
  git: { repository: "${repository}", branch: main, paths: [clusters/${name}] }
  # Shorter than usual, so that a trial shows failures soon.
  health: { settle: 8s, failAfter: 10s, deadline: 30s }
`;
}

function pipeline(seed: WorldSeed): string {
  const workloads = seed.namespaces.map((namespace) => `    - { namespace: ${namespace} }\n`).join("");
  return `apiVersion: sluice.dev/v1
kind: Pipeline
metadata: { name: ${seed.name} }
spec:
  workloads:
${workloads}  stages:
    # New images go to dev by themselves, what was verified there goes to both stage regions by itself.
    - { name: dev, environments: [dev], from: [{ registry: {} }], promote: automatic }
    - { name: stage, environments: [stage-eu, stage-us], order: parallel, from: [{ stage: dev }], promote: automatic }
    # A person takes it to prod; the second region gets it when the first is verified.
    - name: prod
      environments: [prod-eu, prod-us]
      order: sequence
      from: [{ stage: stage }]
      promote: manual
`;
}

function registries(seed: WorldSeed, endpoint: string): string {
  const entries = seed.hosts.map((host) => `    - { host: ${host}, endpoint: "${endpoint}", poll: 10s }\n`).join("");
  return `# All hosts lead to the trial's own registry, so that manifests never change for it.
apiVersion: sluice.dev/v1
kind: Settings
metadata: { name: ${seed.name} }
spec:
  registries:
${entries}`;
}

function readme(seed: WorldSeed, repository: string): string {
  return `# ${seed.name}: what runs where

This is the configuration repository of a Sluice trial. Clone it, change it and push it back:

    git clone ${repository}

- \`clusters/<environment>/\` holds what runs in each environment; its agent applies it.
- \`sluice/\` holds the documents: environments, the pipeline, registries.
`;
}
