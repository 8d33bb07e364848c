import { readVersion } from "../../policies/order.ts";

/**
 * The tag of the next build. VERSION holds the tag with a `*` in place of the build number (`1.8.*`, `main-*`); without
 * one the number comes at the end (`1.8` means `1.8.*`). Numbers go on from the highest of the tags there are.
 */
export function nextTag(version: string, tags: readonly string[]): string {
  const pattern = patternOf(version);
  const star = pattern.indexOf("*");
  const before = pattern.slice(0, star);
  const after = pattern.slice(star + 1);
  let highest = -1;
  for (const tag of tags) {
    if (tag.length < before.length + after.length || !tag.startsWith(before) || !tag.endsWith(after)) continue;
    const middle = tag.slice(before.length, tag.length - after.length);
    if (/^\d{1,9}$/.test(middle)) highest = Math.max(highest, Number(middle));
  }
  return `${before}${highest + 1}${after}`;
}

function patternOf(version: string): string {
  const text = version
    .trim()
    .replace(/[^\w.*-]/g, "-")
    .replace(/^[.-]+/, "");
  const [before = "", ...after] = (text === "" ? "1.0" : text).split("*");
  return after.length === 0 ? `${before}.*` : `${before}*${after.join("")}`;
}

/**
 * What VERSION has to hold so that builds go on from a tag that exists: `0.4.8` becomes `0.4.*`, `3.6.8-management`
 * `3.6.*-management`; a word such as `alpine` gets builds of its own (`alpine-*`), `latest` starts at `1.0.*`.
 */
export function patternAfter(tag: string): string {
  if (tag === "" || tag === "latest") return "1.0.*";
  const version = readVersion(tag);
  const numbers = /^(v?\d+)(?:\.(\d+))?(?:\.(\d+))?(.*)$/.exec(tag);
  if (version === undefined || numbers === null) {
    const counted = /^(.*\D)\d+$/.exec(tag);
    return counted === null ? `${tag}-*` : `${counted[1]}*`;
  }
  return `${numbers[1]}.${numbers[2] ?? 0}.*${numbers[4] ?? ""}`;
}
