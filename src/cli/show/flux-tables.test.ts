import fc from "fast-check";
import { expect, test } from "vitest";
import type { FluxContainer, FluxWorkload } from "../../model/flux.ts";
import { fluxImageTable } from "./flux-images.ts";
import { resultTable } from "./flux-result.ts";
import { rolloutTable, workloadTable } from "./flux-workloads.ts";
import { tabulate } from "./tabwriter.ts";

const image = (ID: string, CreatedAt?: string) => ({
  ID,
  Labels: {},
  ...(CreatedAt === undefined ? {} : { CreatedAt }),
});
const container = (Name: string, current: string, more: Partial<FluxContainer> = {}): FluxContainer => ({
  Name,
  Current: image(current),
  LatestFiltered: image(""),
  ...more,
});
function workload(ID: string, more: Partial<FluxWorkload> = {}): FluxWorkload {
  return {
    ID,
    Containers: null,
    ReadOnly: "",
    Status: "ready",
    Rollout: { Desired: 2, Updated: 1, Ready: 1, Available: 1, Outdated: 1 },
    SyncError: "",
    Antecedent: "",
    Labels: {},
    Automated: false,
    Locked: false,
    Ignore: false,
    Policies: {},
    ...more,
  };
}
const hello = workload("default:deployment/hello", {
  Containers: [
    container("hello", "quay.io/weaveworks/hello:master-1"),
    container("sidecar", "quay.io/weaveworks/sidecar:1.0"),
  ],
  Automated: true,
});

test("workloads are listed as fluxctl lists them, blanks at the ends of lines included", () => {
  const nothing = workload("default:deployment/nothing", { Locked: true });
  expect(workloadTable([hello, nothing], true)).toBe(
    [
      "WORKLOAD                    CONTAINER  IMAGE                              RELEASE  POLICY",
      "default:deployment/hello    hello      quay.io/weaveworks/hello:master-1  ready    automated",
      "                            sidecar    quay.io/weaveworks/sidecar:1.0              ",
      "default:deployment/nothing                                                ready    locked",
      "",
    ].join("\n"),
  );
  expect(workloadTable([nothing], false)).toBe("default:deployment/nothing      ready  locked\n");
  const all = workload("a:b/c", { Locked: true, Ignore: true, Automated: true });
  expect(workloadTable([all], false)).toContain("automated,ignore,locked");
});

test("a rollout shows how many pods are new, and with -v those that are not", () => {
  expect(rolloutTable([hello], 0)).toBe(
    [
      "WORKLOAD                  CONTAINER  IMAGE                              RELEASE  REPLICAS",
      "default:deployment/hello  hello      quay.io/weaveworks/hello:master-1  ready    1/2",
      "                          sidecar    quay.io/weaveworks/sidecar:1.0              ",
      "",
      "",
    ].join("\n"),
  );
  expect(rolloutTable([hello], 1)).toContain("1/2 (1 outdated, 1 ready)\n");
});

const hellos = (...tags: readonly [string, string?][]) =>
  tags.map(([tag, created]) => image(`quay.io/weaveworks/hello:${tag}`, created));
const listed = (current: string, more: Partial<FluxContainer>, limit = 10) =>
  fluxImageTable(
    [{ ID: "default:deployment/hello", Containers: [container("hello", `quay.io/weaveworks/hello${current}`, more)] }],
    { limit, headers: true },
  ).split("\n");

test("images are listed as fluxctl lists them, with an arrow on the one that runs", () => {
  const Available = hellos(
    ["master-9a16ff945b9e", "2016-07-20T13:19:41Z"],
    ["master-a000001", "2016-07-12T17:17:02Z"],
    ["master-older", "2016-07-11T10:00:00Z"],
    ["undated"],
  );
  expect(listed(":master-a000001", { Available })).toEqual([
    "WORKLOAD                  CONTAINER  IMAGE                     CREATED",
    "default:deployment/hello  hello      quay.io/weaveworks/hello  ",
    "                                     |   master-9a16ff945b9e   20 Jul 16 13:19 UTC",
    "                                     '-> master-a000001        12 Jul 16 17:17 UTC",
    "                                         master-older          11 Jul 16 10:00 UTC",
    "                                         undated               ",
    "",
  ]);
});

test("past the limit only the running image is shown, after a count of those left out", () => {
  const Available = hellos(["5"], ["4"], ["3"], ["2"], ["1"]);
  const shown = (running: string, limit: number) =>
    listed(`:${running}`, { Available }, limit)
      .slice(2, -1)
      .map((line) => line.trim());
  expect(shown("5", 2)).toEqual(["'-> 5", "4"]);
  expect(shown("3", 2)).toEqual(["|   5", "|   4", "'-> 3"]);
  expect(shown("1", 2)).toEqual(["|   5", "|   4", ": (2 image(s) omitted)", "'-> 1"]);
  expect(shown("1", 0)).toHaveLength(5);
  expect(shown("gone", 2)).toEqual(["|   5", "|   4", "'-> gone                  ?"]);
});

test("what is not known of images is said where their dates would stand", () => {
  expect(listed("", {})[1]).toMatch(/hello {2}image data not available$/);
  expect(listed("", {})[2]).toMatch(/^ +'-> \(untagged\) +\?$/);
  expect(listed(":1", { AvailableError: "not allowed" })[1]).toMatch(/hello {2}not allowed$/);
  expect(fluxImageTable([{ ID: "a:b/c", Containers: [] }], { limit: 10, headers: false })).toBe("a:b/c      \n");
});

const update = {
  Container: "helloworld",
  Current: "quay.io/weaveworks/helloworld:master-a000002",
  Target: "quay.io/weaveworks/helloworld:master-a000001",
};

test("results look as fluxctl's, in order, each with its reason and its updates", () => {
  expect(
    resultTable({ "default/helloworld": { Status: "success", Error: "test error", PerContainer: [update] } }, 0),
  ).toBe(
    [
      "WORKLOAD            STATUS   UPDATES",
      "default/helloworld  success  test error",
      "                             helloworld: quay.io/weaveworks/helloworld:master-a000002 -> master-a000001",
      "",
    ].join("\n"),
  );
  const done = { Status: "success" } as const;
  expect(resultTable({ "default/d": done, "default/c": done, "default/b": done, "default/a": done }, 0)).toBe(
    "WORKLOAD   STATUS   UPDATES\ndefault/a  success  \ndefault/b  success  \ndefault/c  success  \ndefault/d  success  \n",
  );
});

test("an image with tag and digest is shown as fluxctl shows it, by its digest", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  const pinned = workload("a:b/c", { Containers: [container("x", `r.io/x:1@${digest}`)] });
  expect(workloadTable([pinned], false)).toContain(`r.io/x@${digest}  `);
  const PerContainer = [{ Container: "x", Current: `r.io/x:1@${digest}`, Target: `r.io/x:2@${digest}` }];
  expect(resultTable({ "a:b/c": { Status: "success", PerContainer } }, 0)).toContain(`x: r.io/x@${digest} -> 2\n`);
});

test("what was skipped is shown with -v, what was ignored with -vv", () => {
  const result = {
    "a:deployment/x": { Status: "skipped", Error: "locked" },
    "a:deployment/y": { Status: "ignored", Error: "not included" },
  } as const;
  expect(resultTable(result, 0)).toBe("WORKLOAD   STATUS   UPDATES\n");
  expect(resultTable(result, 1)).toBe("WORKLOAD        STATUS   UPDATES\na:deployment/x  skipped  locked\n");
  expect(resultTable(result, 2)).toContain("a:deployment/y  ignored  not included\n");
});

const cell = fc.stringMatching(/^[a-z⇒◉ ]{0,6}$/);
test("a column is as wide as its widest cell in neighbouring lines, and nothing else moves", () => {
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 8 }), (rows) => {
      const lines = tabulate(rows.map((row) => row.join("\t")).join("\n")).split("\n");
      expect(lines).toHaveLength(Math.max(1, rows.length));
      rows.forEach((row, index) => {
        const padded = row.map((value, column) => {
          if (column === row.length - 1) return value;
          const widest = Math.max(...neighbours(rows, index, column).map((other) => [...other[column]!].length));
          return value + " ".repeat(widest + 2 - [...value].length);
        });
        expect(lines[index]).toBe(padded.join(""));
      });
    }),
  );
});

/** The lines around one that all have a cell that ends in this column. */
function neighbours(rows: readonly string[][], index: number, column: number): readonly string[][] {
  const has = (at: number) => column < (rows[at]?.length ?? 0) - 1;
  let from = index;
  let to = index;
  while (has(from - 1)) from--;
  while (has(to + 1)) to++;
  return rows.slice(from, to + 1);
}
