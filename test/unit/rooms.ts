/** The house's rules as data and pure functions: which room may import which. The test beside applies them to the sources. */

/** A source file: its path from the project's root, with `/`, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Rooms in the order data flows. Rooms of one row that is `apart` do not import each other; `ordered` ones import only earlier ones. */
const rows: readonly { readonly rooms: readonly string[]; readonly within: "free" | "apart" | "ordered" }[] = [
  { rooms: ["errors"], within: "apart" },
  { rooms: ["model"], within: "apart" },
  {
    rooms: ["manifests", "policies", "planning", "pipelines", "gates", "health", "documents", "helm", "hld"],
    within: "free",
  },
  { rooms: ["git", "registry", "kubernetes", "store", "forges", "notifiers", "secrets"], within: "apart" },
  { rooms: ["repositories", "catalogue", "releasing", "hub", "engine", "agent"], within: "ordered" },
  { rooms: ["api", "cli", "sandbox"], within: "apart" },
  { rooms: ["main"], within: "apart" },
];
/** Rooms the page may read from: types and pure functions. */
const pageMayImport = new Set(["model", "policies", "planning"]);
/** Modules that reach outside the process; model and pure rooms do without. */
const outside =
  /^(node:(fs|net|http|https|http2|tls|dns|child_process|sqlite|worker_threads|dgram|os)\b|undici$|ws$|fastify$|pino$)/;
const maxLines = 400;

/** Where every file's relative imports lead, types and dynamic imports too; other modules by name. */
export function importsOf(file: SourceFile): string[] {
  const text = file.text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const found = new Set<string>();
  for (const pattern of [
    /^\s*(?:import|export)\b[^;'"`]*?\bfrom\s*["']([^"']+)["']/gm,
    /^\s*import\s*["']([^"']+)["']/gm,
    /\bimport\(\s*["']([^"']+)["']\s*\)/g,
  ])
    for (const [, target] of text.matchAll(pattern))
      found.add(target!.startsWith(".") ? resolve(file.path, target!) : target!);
  return [...found];
}

/** Sentences about every rule that is broken; none when the house stands. */
export function violations(files: readonly SourceFile[]): string[] {
  const graph = new Map(files.map((file) => [file.path, importsOf(file)]));
  const found: string[] = [];
  for (const [path, imports] of graph)
    for (const target of imports) {
      const reason = path.startsWith("web/src/") ? pageReason(target) : roomReason(path, target);
      if (reason !== undefined) found.push(`${path} imports ${target}: ${reason}`);
    }
  for (const circle of circlesOf(graph)) found.push(`circle: ${circle.join(" -> ")}`);
  for (const circle of circlesOf(roomGraph(graph))) found.push(`circle between rooms: ${circle.join(" -> ")}`);
  for (const { path, text } of files) {
    const lines = text.split("\n").length - 1;
    if (lines > maxLines) found.push(`${path} has ${lines} lines; at most ${maxLines} are read with pleasure`);
  }
  return found;
}

/** The room of a file below src: its first folder, or the name of a file that stands alone. */
export function roomOf(path: string): string | undefined {
  return /^src\/([^/]+?)(?:\.ts)?(?:\/|$)/.exec(path)?.[1];
}

function roomReason(path: string, target: string): string | undefined {
  const from = roomOf(path);
  const at = rows.findIndex((row) => row.rooms.includes(from ?? ""));
  if (at < 0) return `the room ${from} has no place in the order`;
  if (!target.startsWith("src/")) {
    if (target.startsWith("web/") || target.startsWith("test/") || target.startsWith("bench/"))
      return "src imports only src";
    return at <= 2 && outside.test(target) ? `${from} is pure and reaches nothing outside the process` : undefined;
  }
  const to = roomOf(target);
  if (from === to) return undefined;
  const wanted = rows.findIndex((row) => row.rooms.includes(to ?? ""));
  if (wanted < 0) return `the room ${to} has no place in the order`;
  if (wanted > at) return `${from} comes before ${to}`;
  if (wanted < at) return undefined;
  const row = rows[at]!;
  if (row.within === "apart") return `${row.rooms.join(", ")} do not import each other`;
  if (row.within === "ordered" && row.rooms.indexOf(to!) > row.rooms.indexOf(from!))
    return `${from} comes before ${to}`;
  return undefined;
}

function pageReason(target: string): string | undefined {
  if (!target.startsWith("src/")) return undefined;
  const room = roomOf(target);
  return pageMayImport.has(room ?? "") ? undefined : `the page reads ${[...pageMayImport].join(", ")} only`;
}

function roomGraph(graph: ReadonlyMap<string, readonly string[]>): Map<string, string[]> {
  const rooms = new Map<string, Set<string>>();
  for (const [path, imports] of graph) {
    const from = roomOf(path);
    if (from === undefined) continue;
    const edges = rooms.get(from) ?? new Set();
    rooms.set(from, edges);
    for (const target of imports) {
      const to = roomOf(target);
      if (to !== undefined && to !== from) edges.add(to);
    }
  }
  return new Map([...rooms].map(([room, edges]) => [room, [...edges]]));
}

/** Circles of a graph, each told once, from a depth-first walk. */
function circlesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const done = new Set<string>();
  const path: string[] = [];
  const found: string[][] = [];
  const walk = (node: string): void => {
    const at = path.indexOf(node);
    if (at >= 0) {
      found.push([...path.slice(at), node]);
      return;
    }
    if (done.has(node)) return;
    path.push(node);
    for (const next of graph.get(node) ?? []) if (graph.has(next)) walk(next);
    path.pop();
    done.add(node);
  };
  for (const node of graph.keys()) walk(node);
  return found;
}

function resolve(path: string, target: string): string {
  const parts = path.split("/").slice(0, -1);
  for (const part of target.split("/"))
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  return parts.join("/");
}
