import type { FieldPath } from "../locate.ts";
import type { Marker } from "../markers.ts";
import type { ImagePlace } from "../place.ts";
import { containerNameOf, filledPartAt, partAt } from "./fields.ts";
import { putTogether, type WrittenPart } from "./written.ts";

/**
 * What Flux v2's markers say of an object: a place that is known gets the policy's name, and scalars that are part of
 * none make places of their own, called as the policy is.
 */
export function withMarkers(
  document: unknown,
  places: readonly ImagePlace[],
  markers: readonly Marker[],
): ImagePlace[] {
  if (markers.length === 0) return [...places];
  const key = (path: FieldPath) => path.join("\0");
  const policies = new Map(markers.map(({ path, policy }) => [key(path), policy]));
  const known = places.map((place) => {
    const policy = place.parts.map(({ path }) => policies.get(key(path))).find((found) => found !== undefined);
    return policy === undefined ? place : { ...place, policy };
  });
  const taken = new Set(places.flatMap(({ parts }) => parts.map(({ path }) => key(path))));
  const made = [...Map.groupBy(markers, ({ policy }) => policy)].flatMap(([policy, mine]) =>
    placesOfPolicy(document, mine, (marker) => taken.has(key(marker.path))).map((place) => ({
      ...place,
      container: containerNameOf(policy.slice(policy.indexOf(":") + 1)),
      init: false,
      shape: "marker" as const,
      policy,
    })),
  );
  return [...known, ...made];
}

type MadePlace = Pick<ImagePlace, "image" | "parts" | "fixed">;

/** The places that the markers of one policy make of scalars that are not taken. */
function placesOfPolicy(
  document: unknown,
  markers: readonly Marker[],
  taken: (marker: Marker) => boolean,
): MadePlace[] {
  const free = markers.filter((marker) => !taken(marker));
  const used = new Set<Marker>();
  const names = markers.filter(({ holds }) => holds === "name");
  const tags = free.filter(({ holds }) => holds === "tag");
  const digests = free.filter(({ holds }) => holds === "digest");
  const made: MadePlace[] = [];
  for (const marker of free.filter(({ holds }) => holds === "reference"))
    made.push(putTogether({ name: scalarAt(document, marker.path) }));
  for (const version of [...tags, ...digests]) {
    if (used.has(version)) continue;
    const name = nearest(names, version);
    const digest = version.holds === "digest" ? version : nearest(digests, version, tags.length === 1);
    for (const marker of [name, digest]) if (marker !== undefined) used.add(marker);
    made.push(
      putTogether({
        name: name === undefined ? nameBeside(document, version) : scalarAt(document, name.path),
        tag: version.holds === "tag" ? partAt(document, version.path) : undefined,
        digest: digest && filledPartAt(document, digest.path),
      }),
    );
  }
  for (const marker of free.filter(({ holds }) => holds === "name"))
    if (!used.has(marker)) made.push(putTogether({ name: alone(scalarAt(document, marker.path)) }));
  return made;
}

/** The marker that belongs to another one: in the same mapping, or, where that is `enough`, the only one in the object. */
function nearest(candidates: readonly Marker[], to: Marker, enough = true): Marker | undefined {
  const folder = ({ path }: Marker) => path.slice(0, -1).join("\0");
  const beside = candidates.find((candidate) => folder(candidate) === folder(to));
  return beside ?? (enough && candidates.length === 1 ? candidates[0] : undefined);
}

/**
 * Where no marker tells the name: what stands as `repository` or `image` beside a version in a key that says it is one,
 * else a name nobody knows.
 */
function nameBeside(document: unknown, { path, policy, holds }: Marker): WrittenPart {
  const beside = (key: string) =>
    path.at(-1) === holds ? filledPartAt(document, [...path.slice(0, -1), key]) : undefined;
  const doubt = `the marker of ${policy} tells that this is the image's ${holds}, and nothing tells the image's name; put a marker {"$imagepolicy": "${policy}:name"} behind the field that holds it`;
  return beside("repository") ?? beside("image") ?? { path, text: "", doubt };
}

function alone(name: WrittenPart): WrittenPart {
  return {
    ...name,
    doubt:
      'this marker tells only where the image\'s name stands; put one that ends in ":tag" behind the field that holds its tag',
  };
}

function scalarAt(document: unknown, path: FieldPath): WrittenPart {
  return (
    filledPartAt(document, path) ?? { path, text: "", doubt: "a marker stands behind this field, and it is empty" }
  );
}
