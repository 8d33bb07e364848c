/** A text that somebody may push to break whoever reads or edits it. */
export interface Hostile {
  readonly name: string;
  readonly text: () => string;
  /** What its refusal says; left out for what is only big or odd, and read and edited like any other file. */
  readonly refusal?: RegExp;
}

const head = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: cart, namespace: shop}\n";
const containers = "spec: {template: {spec: {containers: [{name: cart, image: shop/cart:1}]}}}\n";
/** A manifest with something added to it. */
function manifest(added: string): string {
  return `${head}${containers}${added}\n`;
}
function times(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join("");
}
function bomb(levels: number, level: (index: number) => string): string {
  return manifest(
    `bomb:\n  l0: &l0 [x, x]\n${times(levels, (index) => `  l${index + 1}: &l${index + 1} ${level(index)}\n`)}`,
  );
}
function imageOf(image: string): string {
  return `${head}spec:\n  template:\n    spec:\n      containers:\n      - name: cart\n        image: ${image}\n`;
}

/** Every one ends within a second and 200 MB, refused with its line where it can be named, or read and edited. */
export const corpus: readonly Hostile[] = [
  {
    name: "aliases that double thirty times",
    text: () => bomb(30, (index) => `[*l${index}, *l${index}]`),
    refusal: /line \d+: its aliases expand to more than/,
  },
  {
    name: "merges that double thirty times",
    text: () =>
      manifest(
        `bomb:\n  l0: &l0 {a: b}\n${times(30, (index) => `  l${index + 1}: &l${index + 1} {<<: [*l${index}, *l${index}], k${index}: *l${index}}\n`)}`,
      ),
    refusal: /line \d+: its aliases expand to more than|merge|duplicate/,
  },
  {
    name: "merges of a mapping with 10,000 keys, 900 times",
    text: () =>
      manifest(
        `bomb:\n  base: &base {${times(10_000, (index) => `k${index}: v, `)}}\n${times(900, (index) => `  m${index}: {<<: *base}\n`)}`,
      ),
    refusal: /line \d+: /,
  },
  {
    name: "an alias inside of what it names",
    text: () => manifest("self: &self {inner: *self}"),
    refusal: /line \d+: /,
  },
  {
    name: "1,100 aliases",
    text: () => manifest(`x: &x 1\n${times(1_100, (index) => `y${index}: *x\n`)}`),
    refusal: /line \d+: .*alias/,
  },
  {
    name: "200,000 anchors",
    text: () => manifest(`list:\n${times(200_000, (index) => `- &a${index} x\n`)}`),
    refusal: /holds more than 200000 keys and values/,
  },
  {
    name: "10,000 brackets deep",
    text: () => manifest(`deep: ${"[".repeat(10_000)}${"]".repeat(10_000)}`),
    refusal: /line 5: .*(?:deep|depth|nest)/i,
  },
  {
    name: "10,000 braces deep, never closed",
    text: () => manifest(`deep: ${"{a: ".repeat(10_000)}`),
    refusal: /line 5: /,
  },
  {
    name: "1,000,000 dashes in a line",
    text: () => manifest(`deep:\n ${"- ".repeat(1_000_000)}x`),
    refusal: /line 6: /,
  },
  {
    name: "1,500 indents deep",
    text: () => manifest(times(1_500, (index) => `${" ".repeat(index)}k:\n`)),
    refusal: /line \d+: /,
  },
  {
    name: "a scalar of 50 MB",
    text: () => manifest(`big: "${"x".repeat(50_000_000)}"`),
    refusal: /longer than 4000000 characters/,
  },
  { name: "a scalar of 3.9 MB", text: () => manifest(`big: "${"x".repeat(3_900_000)}"`) },
  {
    name: "a block of text of 170,000 lines",
    text: () => manifest(`big: |\n${times(170_000, () => "  xxxx: xxxx, xxxxxxx\n")}`),
  },
  {
    name: "a folded text of 1,000,000 lines",
    text: () => manifest(`big: >\n${times(1_000_000, () => " x\n")}`),
    refusal: /more than 300000 lines/,
  },
  {
    name: "a quoted text of 1,000,000 lines",
    text: () => manifest(`big: "${"x\n ".repeat(1_000_000)}"`),
    refusal: /more than 300000 lines/,
  },
  {
    name: "a plain text of 1,000,000 lines",
    text: () => manifest(`big: x\n${" x\n".repeat(1_000_000)}`),
    refusal: /more than 300000 lines/,
  },
  {
    name: "1,900,000 escapes",
    text: () => manifest(`big: "${"\\n".repeat(1_900_000)}"`),
    refusal: /more than 1000000 escapes/,
  },
  {
    name: "a quote that never closes",
    text: () => manifest(`big: "${"x\n ".repeat(1_000_000)}`),
    refusal: /more than 300000 lines/,
  },
  { name: "UTF-16", text: () => Buffer.from(`\ufeff${manifest("")}`, "utf16le").toString("utf8"), refusal: /line 1: / },
  {
    name: "UTF-16 the other way round",
    text: () =>
      Buffer.from(`\ufeff${manifest("")}`, "utf16le")
        .swap16()
        .toString("utf8"),
    refusal: /line 1: /,
  },
  { name: "NUL", text: () => manifest("a: b\0c"), refusal: /line 5: .*(?:null|NUL|control|printable)/i },
  { name: "other controls", text: () => manifest("a: b\x07c\x1b[31m"), refusal: /line 5: / },
  { name: "latin-1 bytes in a comment", text: () => Buffer.from(manifest("# gr\xfc\xdfe"), "latin1").toString("utf8") },
  { name: "half a character written as an escape", text: () => manifest('a: "\\ud800"') },
  { name: "half a character", text: () => manifest("a: \ud800"), refusal: /line 5: .*non-printable/ },
  { name: "a reference of 10,000 characters", text: () => imageOf(`shop/${"x".repeat(10_000)}:1`) },
  { name: "a reference of 3,900,000 dashes", text: () => imageOf(`shop/x${"-".repeat(3_900_000)}:1`) },
  { name: "a reference of 1,000,000 slashes", text: () => imageOf(`${"a/".repeat(1_000_000)}b:1`) },
  { name: "a key of 1 MB", text: () => manifest(`"${"k".repeat(1_000_000)}": v`) },
  { name: "90,000 keys", text: () => manifest(times(90_000, (index) => `k${index}: v\n`)) },
  { name: "90,000 keys between braces", text: () => manifest(`m: {${times(90_000, (index) => `k${index}: v, `)}}`) },
  {
    name: "keys that are collections",
    text: () => manifest(times(1_000, (index) => `? [a, ${index}]\n: v\n`)),
    refusal: /line \d+: /,
  },
  {
    name: "keys of every object",
    text: () => manifest("__proto__: {polluted: yes}\nconstructor: {prototype: {polluted: yes}}"),
  },
  {
    name: "1,000,000 documents",
    text: () => "---\n".repeat(999_000) + manifest(""),
    refusal: /more than 300000 lines/,
  },
  {
    name: "70,000 documents with something in them",
    text: () => "---\napiVersion: v1\nkind: X\nmetadata: {name: x}\n".repeat(70_000),
    refusal: /more than 400000 lines, colons and commas/,
  },
  {
    name: "60,000 items of a List",
    text: () =>
      `apiVersion: v1\nkind: List\nitems:\n${times(60_000, (index) => `- {apiVersion: v1, kind: X, metadata: {name: x${index}}}\n`)}`,
    refusal: /more than 400000 lines, colons and commas/,
  },
  {
    name: "markers on 15,000 items",
    text: () =>
      `apiVersion: v1\nkind: List\nitems:\n${times(15_000, (index) => `- {apiVersion: v1, kind: X, metadata: {name: x${index}}} # {"$imagepolicy": "a:b"}\n`)}`,
    refusal: /has no container cart/,
  },
  {
    name: "1,900,000 line ends",
    text: () => manifest("\n".repeat(1_900_000)),
    refusal: /more than 300000 lines/,
  },
  {
    name: "1,000,000 comments",
    text: () => manifest("#\n".repeat(1_000_000)),
    refusal: /more than 300000 lines/,
  },
  { name: "comments of blanks and signs", text: () => manifest(`a: b${" #".repeat(1_000_000)}`) },
  {
    name: "tags and directives",
    text: () => `%TAG !e! tag:example.com,2000:${"x".repeat(1_000_000)}\n---\n${manifest("a: !e!x y")}`,
    refusal: /line 7: unknown scalar tag .{0,400}$/,
  },
  { name: "1,000,000 blanks before a colon", text: () => manifest(`a${" ".repeat(1_000_000)}: b`) },
  {
    name: "a number of 1,000,000 digits",
    text: () => manifest(`n: 1${"0".repeat(1_000_000)}`),
    refusal: /line 5: infinity/,
  },
  { name: "underscores in a number", text: () => manifest(`n: 1${"_".repeat(1_000_000)}`) },
  {
    name: "templates that were never rendered",
    text: () => "{{ x }}\n".repeat(60_000),
    refusal: /line 1: .*template/,
  },
];
