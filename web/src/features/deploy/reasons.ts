import { itemSign } from "../../signs/planItem.ts";
import type { SignName } from "../../signs/Sign.tsx";
import type { ContainerRow } from "./choices.ts";

/** What is to be said of a container that moves or stays, once however many environments say it. */
export interface Said {
  readonly sign: SignName;
  readonly text: string;
}

/** Why containers stay, and what is to be said of those that move. What is up to date says only what was passed over. */
export function reasonsOf(containers: readonly Pick<ContainerRow, "places">[]): Said[] {
  const said = new Map<string, Said>();
  for (const { environment, item } of containers.flatMap((container) => container.places)) {
    const text = item.status === "same" ? item.note : item.text;
    if (text === undefined) continue;
    const key = `${item.status} ${text.replaceAll(environment, "*")}`;
    if (!said.has(key)) said.set(key, { sign: itemSign(item), text });
  }
  return [...said.values()];
}

/** Whether a lock keeps any of the containers somewhere; somebody who gives a reason may force past it. */
export function isLocked(containers: readonly Pick<ContainerRow, "places">[]): boolean {
  return containers.some(({ places }) =>
    places.some(({ item }) => item.status === "refused" && item.reason === "locked"),
  );
}
