import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const css = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");

/** Tokens of one theme as written: `--name: #rrggbb`. */
function tokens(theme: "light" | "dark"): Record<string, string> {
  const block = css.slice(css.indexOf(`[data-mantine-color-scheme="${theme}"]`));
  const found: Record<string, string> = {};
  for (const [, name, value] of block.slice(0, block.indexOf("}")).matchAll(/--([\w-]+): (#[0-9a-f]{6})/g))
    found[name!] = value!;
  return found;
}
function luminance(hex: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}
function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light! + 0.05) / (dark! + 0.05);
}

const verdicts = ["healthy", "rolling", "waiting", "failed", "drifted", "unknown"];
const pairs = [
  ...["bg", "surface", "raised", "sunken"].flatMap((ground) => ["text", "muted", "accent"].map((ink) => [ink, ground])),
  ...verdicts.flatMap((verdict) => [
    [verdict, "surface"],
    [verdict, `${verdict}-soft`],
    ["text", `${verdict}-soft`],
    ["muted", `${verdict}-soft`],
  ]),
  ...[0, 1, 2, 3, 4, 5].map((index) => [`version-${index}`, "raised"]),
  ["accent", "accent-soft"],
  ["muted", "accent-soft"],
  ["on-accent", "accent"],
  ["surface", "failed"],
];

for (const theme of ["light", "dark"] as const)
  test(`every text colour can be read on its ground in the ${theme} theme (WCAG AA)`, () => {
    const colours = tokens(theme);
    const poor = pairs
      .map(([ink, ground]) => [`${ink} on ${ground}`, contrast(colours[ink!]!, colours[ground!]!)] as const)
      .filter(([, ratio]) => !(ratio >= 4.5));
    expect(poor).toEqual([]);
  });
