import { readIdentity } from "../../model/identity.ts";

/** A person as tables name them: of `Ada <ada@example.org>` the name alone. */
export function personName(name: string): string {
  return readIdentity(name)?.name ?? name;
}
