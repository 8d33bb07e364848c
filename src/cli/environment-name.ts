import { SluiceError } from "../errors.ts";

/** The environment of a name; throws `not_found` with the names there are. */
export function findEnvironment<T extends { readonly name: string }>(environments: readonly T[], name: string): T {
  const found = environments.find((entry) => entry.name === name);
  if (found !== undefined) return found;
  const known = environments.map((entry) => entry.name);
  throw new SluiceError("not_found", `There is no environment "${name}".`, {
    help: known.length === 0 ? "None is configured yet." : `There are ${known.join(", ")}.`,
  });
}
