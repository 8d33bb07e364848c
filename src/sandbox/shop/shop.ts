import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { environmentNames, type WorldSeed } from "../world/seed.ts";
import { services } from "./services.ts";

const folder = join(import.meta.dirname, "manifests");
type Edit = readonly [file: string, from: string, to: string];

/** Prod runs more of what customers notice, and one version less of the catalogue. Dev is as the files stand. */
const prod: readonly Edit[] = [
  ["catalogue.yaml", "shop/catalogue:1.8.2", "shop/catalogue:1.8.1"],
  ["catalogue.yaml", "replicas: 2", "replicas: 3"],
  ["frontend.yaml", "replicas: 2", "replicas: 3"],
  [
    "payment.yaml",
    "    sluice.dev/tag.payment: semver:~2.4\n",
    `    sluice.dev/tag.payment: semver:~2.4
    sluice.dev/locked: "true"
    sluice.dev/locked_user: Ben Okafor
    sluice.dev/locked_msg: the yearly audit of payments runs until Friday
`,
  ],
];
const edits: Readonly<Record<string, readonly Edit[]>> = { "prod-eu": prod, "prod-us": prod };

/** The sample shop: what each environment runs, and the images and sources with their history. */
export async function readShopWorld(): Promise<WorldSeed> {
  const names = (await readdir(folder)).sort();
  const base = await Promise.all(
    names.map(async (name) => [name, await readFile(join(folder, name), "utf8")] as const),
  );
  return {
    name: "shop",
    namespaces: ["shop"],
    hosts: ["registry.shop.example", "docker.io"],
    environments: Object.fromEntries(environmentNames.map((name) => [name, edited(base, edits[name] ?? [])])),
    services,
  };
}

function edited(base: readonly (readonly [string, string])[], changes: readonly Edit[]): Record<string, string> {
  const files: Record<string, string> = Object.fromEntries(base);
  for (const [file, from, to] of changes) {
    const text = files[file];
    if (text?.split(from).length !== 2) throw new Error(`${file} of the sample shop must hold "${from}" once`);
    files[file] = text.replace(from, to);
  }
  return files;
}
