import type { ImagePlace } from "../place.ts";

/**
 * Gives every image of an object a name of its own. Where several have the same one, a container that runs keeps it
 * before an init container, and the first before the others; they get `-2`, `-3` and so on, passing over names that are
 * written as such.
 */
export function withUniqueNames(places: readonly ImagePlace[]): ImagePlace[] {
  const written = new Set(places.map(({ container }) => container));
  if (written.size === places.length) return [...places];
  const names = new Map<ImagePlace, string>();
  const given = new Set<string>();
  const counts = new Map<string, number>();
  for (const place of [...places].sort((a, b) => Number(a.init) - Number(b.init))) {
    let name = place.container;
    while (given.has(name) || (name !== place.container && written.has(name))) {
      const count = (counts.get(place.container) ?? 1) + 1;
      counts.set(place.container, count);
      name = `${place.container}-${count}`;
    }
    given.add(name);
    names.set(place, name);
  }
  return places.map((place) => ({ ...place, container: names.get(place)! }));
}
