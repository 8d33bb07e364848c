import { parseYaml } from "../../../src/manifests/read.ts";

/** How many files are generated. More of them for a night: `EDIT_CASES=100000`. */
export const runs = Number(process.env.EDIT_CASES ?? 10_000);
export const timeout = 120_000 + runs * 10;

export function documentsOf(text: string): readonly unknown[] {
  return parseYaml(text).documents;
}
