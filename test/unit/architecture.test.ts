import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { importsOf, roomOf, type SourceFile, violations } from "./rooms.ts";

const root = join(import.meta.dirname, "../..");
const files = [...sources("src"), ...sources("web/src")];
const isTest = (path: string) => /\.test\.tsx?$/.test(path);

function sources(folder: string): SourceFile[] {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .map((entry) => `${folder}/${entry.replaceAll("\\", "/")}`)
    .filter((entry) => /\.tsx?$/.test(entry))
    .map((entry) => ({ path: entry, text: readFileSync(join(root, entry), "utf8") }));
}
function breaks(path: string, text: string): string[] {
  return violations([{ path, text }]);
}

describe("the house", () => {
  test("has sources to look at, and sees their imports", () => {
    expect(files.length).toBeGreaterThan(80);
    const server = files.find((file) => file.path === "src/main/server.ts")!;
    expect(importsOf(server)).toContain("src/hub/hub.ts");
  });

  test("imports in the order data flows, without circles, in files that can be read", () => {
    expect(violations(files.filter((file) => !isTest(file.path)))).toEqual([]);
  });

  test("keeps every test beside a source of its room", () => {
    const folders = new Set(files.filter((file) => !isTest(file.path)).map((file) => folderOf(file.path)));
    const astray = files.filter((file) => isTest(file.path) && !folders.has(folderOf(file.path)));
    expect(astray.map((file) => file.path)).toEqual([]);
  });

  test("names every room in docs/architecture.md", () => {
    const text = readFileSync(join(root, "docs/architecture.md"), "utf8");
    const rooms = new Set(files.filter((file) => /^src\/[^/]+\//.test(file.path)).map((file) => roomOf(file.path)!));
    expect([...rooms].filter((room) => !text.includes(`\`${room}/\``))).toEqual([]);
  });
});

describe("the rules", () => {
  test.each([
    ["a pure room that imports an adapter", "src/planning/x.ts", 'import { Mirror } from "../git/mirror.ts";'],
    ["a type import", "src/planning/x.ts", 'import type { Mirror } from "../git/mirror.ts";'],
    ["an import over several lines", "src/planning/x.ts", 'import {\n  Mirror,\n  other,\n} from "../git/mirror.ts";'],
    ["an export from elsewhere", "src/model/x.ts", 'export { plan } from "../planning/plan.ts";'],
    ["an import for its effect", "src/model/x.ts", 'import "../planning/plan.ts";'],
    ["a dynamic import", "src/engine/x.ts", 'const api = await import("../api/server.ts");'],
    ["a type asked for in place", "src/model/x.ts", 'type M = import("../git/mirror.ts").Mirror;'],
    ["an adapter that imports another", "src/store/x.ts", 'import { Mirror } from "../git/mirror.ts";'],
    ["an earlier service that imports a later one", "src/hub/x.ts", 'import { Engine } from "../engine/engine.ts";'],
    ["a face that imports another", "src/cli/x.ts", 'import { createApi } from "../api/server.ts";'],
    ["anything that imports main", "src/api/x.ts", 'import { version } from "../main/version.ts";'],
    ["a pure room that reads files", "src/manifests/x.ts", 'import { readFileSync } from "node:fs";'],
    ["the model that opens sockets", "src/model/x.ts", 'import { request } from "undici";'],
    ["src that imports test", "src/agent/x.ts", 'import { until } from "../../test/support/until.ts";'],
    ["a room nobody placed", "src/helpers/x.ts", 'import { z } from "../model/ids.ts";'],
    ["the page that imports the server", "web/src/x.tsx", 'import { createApi } from "../../src/api/server.ts";'],
  ])("catch %s", (_, path, text) => {
    expect(breaks(path, text)).toHaveLength(1);
  });

  test.each([
    ["main imports everything", "src/main/x.ts", 'import { createApi } from "../api/server.ts";'],
    ["a later service imports an earlier one", "src/engine/x.ts", 'import { Hub } from "../hub/hub.ts";'],
    ["everybody imports the errors", "src/model/x.ts", 'import { SluiceError } from "../errors.ts";'],
    ["the page imports types of the model", "web/src/a/x.tsx", 'import type { V } from "../../../src/model/views.ts";'],
    ["an import in a comment is none", "src/model/x.ts", '// import { Mirror } from "../git/mirror.ts";'],
  ])("let pass that %s", (_, path, text) => {
    expect(breaks(path, text)).toEqual([]);
  });

  test("catch circles between files and between rooms, and files too long to read", () => {
    const circle = [
      { path: "src/model/a.ts", text: 'import { b } from "./b.ts";' },
      { path: "src/model/b.ts", text: 'import type { a } from "./a.ts";' },
    ];
    expect(violations(circle)).toEqual(["circle: src/model/a.ts -> src/model/b.ts -> src/model/a.ts"]);
    const rooms = [
      { path: "src/planning/a.ts", text: 'import { b } from "../policies/b.ts";' },
      { path: "src/policies/b.ts", text: "export const b = 1;" },
      { path: "src/policies/c.ts", text: 'import { d } from "../planning/d.ts";' },
      { path: "src/planning/d.ts", text: "export const d = 1;" },
    ];
    expect(violations(rooms)).toEqual(["circle between rooms: planning -> policies -> planning"]);
    expect(violations([{ path: "src/model/long.ts", text: "\n".repeat(401) }])).toHaveLength(1);
  });
});

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
