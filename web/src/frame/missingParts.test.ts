import { expect, test } from "vitest";
import { reloadOnMissingPart } from "./missingParts.ts";

test("a missing part loads the page again once, and again only much later", () => {
  const kept = new Map<string, string>();
  const page = Object.assign(new EventTarget(), {
    sessionStorage: {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, value: string) => void kept.set(name, value),
    },
    location: { reload: () => void reloads++ },
  });
  let reloads = 0;
  let now = 1_000_000;
  reloadOnMissingPart(page, () => now);
  const miss = () => page.dispatchEvent(new Event("vite:preloadError", { cancelable: true }));
  // What stays unhandled is thrown by the importer and shown as an error.
  expect([miss(), miss(), reloads]).toEqual([false, true, 1]);
  now += 3_600_000;
  expect([miss(), reloads]).toEqual([false, 2]);
});
