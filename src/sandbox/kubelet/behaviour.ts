import { parseDuration } from "../../model/duration.ts";

/** How containers of an image behave; read from the image's label, so that a push decides it. */
export interface Behaviour {
  /** Milliseconds from start to ready; never when undefined. */
  readonly readyAfter: number | undefined;
  /** Milliseconds from start to the end with an error; never when undefined. */
  readonly crashAfter: number | undefined;
}
/** Label of images the trial's CI builds: words such as `crash`, `crash-after=5s`, `never-ready`, `ready-after=2s`. */
export const behaviourLabel = "dev.sluice.sandbox.behaviour";
const usualReadyAfter = 400;

export function parseBehaviour(label: string | undefined): Behaviour {
  const words = new Map(
    (label ?? "").split(/[\s,]+/).map((word) => word.split("=", 2) as [string, string | undefined]),
  );
  const time = (word: string, otherwise: number) => parseDuration(words.get(word) ?? "") ?? otherwise;
  return {
    readyAfter: words.has("never-ready") || words.has("crash") ? undefined : time("ready-after", usualReadyAfter),
    crashAfter: words.has("crash") ? 150 : words.has("crash-after") ? time("crash-after", 5_000) : undefined,
  };
}

/** What the kubelet learns of an image when it pulls it. */
export type Pull =
  | { readonly found: true; readonly digest: string; readonly behaviour: Behaviour }
  | { readonly found: false; readonly message: string };

/** Looks an image reference up; the sandbox asks its registry, tests answer what they like. */
export type Puller = (image: string) => Promise<Pull>;
