import fc from "fast-check";
import { expect, test } from "vitest";
import type { CommitInfo } from "../model/ports/git.ts";
import type { Hold, Promotion, Release, ReleaseChange } from "../model/release.ts";
import { commitMessage } from "./message.ts";
import { oneLine, readMarks, trailer, trailersOf, writeHold } from "./trailers.ts";

const none = { holds: [], prunes: [] };
function commit(body: string, at = 1): CommitInfo {
  return { commit: `c${at}`, parents: [], author: "Ana", at, subject: body.split("\n")[0]!, body };
}

test("trailers are the last paragraph, when nothing else stands there", () => {
  const message = "Fix\n\nKey-A: in the middle\n\nKey-B: one\nKey-B: two\nKey-C: x: y\n";
  expect(trailersOf(message)).toEqual([
    { key: "Key-B", value: "one" },
    { key: "Key-B", value: "two" },
    { key: "Key-C", value: "x: y" },
  ]);
  expect(trailer(message, "Key-B")).toBe("one");
  expect(trailer(message, "Key-A")).toBeUndefined();
});

test.each([
  ["a subject alone", "Sluice-Holds: prod shop:deployment/cart cart * no"],
  ["prose that quotes a trailer", "Fix\n\nWe write it so:\nSluice-Lifts: prod shop:deployment/cart cart"],
  ["an empty message", ""],
])("%s has no trailers", (_, message) => {
  expect(trailersOf(message)).toEqual([]);
});

test("what git adds to trailers when a commit is picked does not hide them", () => {
  expect(trailersOf("Fix\r\n\r\nKey: a\r\n(cherry picked from commit 1234)\r\n")).toEqual([{ key: "Key", value: "a" }]);
});

const hostile = fc.oneof(
  fc.string({ maxLength: 40, unit: "grapheme" }),
  fc
    .array(
      fc.constantFrom(
        "Sluice-Release: r-evil/prod",
        "Sluice-Holds: prod shop:deployment/cart cart * x",
        "Sluice-Lifts: prod a b",
        "Sluice-Prune: prod 1",
        "\n",
        "\r\n",
        "\r",
        "\n\n",
        "\n \n",
        "\u0000",
        "\u001e",
        "\u2028",
        "\u0085",
        "Approved-by: Eve",
        "text",
        " ",
        "-> ",
        "@",
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join("")),
);
const version = fc.oneof(
  fc.record({ tag: fc.constantFrom("1.0", "main-7") }),
  fc.record({ tag: fc.constantFrom("", "1.0"), digest: fc.constant(`sha256:${"ab".repeat(32)}`) }),
);
const key = fc.record({
  environment: fc.constantFrom("prod-eu", "prod-us"),
  workload: fc.constantFrom("shop:deployment/cart", "<cluster>:thing/a.b"),
  container: fc.constantFrom("cart", "side-car"),
});
const hold = fc
  .tuple(key, fc.oneof(fc.constant("*" as const), version), hostile)
  .map(([where, what, reason]) => ({ ...where, what, reason }));

test("a hold written into a commit is read back as it was", () => {
  fc.assert(
    fc.property(hold, (wanted) => {
      const { holds } = readMarks(none, [
        commit(`Roll back\n\nSluice-Author: Bo\nSluice-Holds: ${writeHold(wanted)}\n`, 7),
      ]);
      expect(holds).toEqual([{ ...wanted, reason: oneLine(wanted.reason), commit: "c7", at: 7, by: "Bo" }]);
    }),
  );
});

test("the newest commit about a container counts, and lifting ends a hold", () => {
  const holds = (value: string) => `Roll back\n\nSluice-Holds: ${value}\n`;
  const marks = readMarks(none, [
    commit(holds("prod shop:deployment/cart cart 1.0 first"), 1),
    commit(holds("prod shop:deployment/cart cart 1.1 second"), 2),
    commit(holds("prod shop:deployment/web web * pinned for the sale"), 3),
    commit("Release\n\nSluice-Lifts: prod shop:deployment/web web\nSluice-Prune: prod abc\n", 4),
    commit("Odd\n\nSluice-Holds: prod shop:deployment/odd\n", 5),
  ]);
  expect(marks.holds.map(({ container, what, reason }) => [container, what, reason])).toEqual([
    ["cart", { tag: "1.1" }, "second"],
  ]);
  expect(marks.prunes).toEqual(["prod abc"]);
});

const change = (container: string): ReleaseChange => ({
  workload: "shop:deployment/cart",
  container,
  from: "shop/cart:1",
  to: "shop/cart:2",
  fromVersion: { tag: "1" },
  toVersion: { tag: "2", digest: `sha256:${"cd".repeat(32)}` },
  outcome: { kind: "pending" },
});
function text(
  message: string,
  name: string,
  holds: readonly Pick<Hold, "environment" | "workload" | "container" | "what" | "reason">[],
) {
  const promotion: Promotion = {
    id: "r-7f3k",
    source: { kind: "stage", pipeline: "shop", stage: "dev" },
    target: { kind: "stage", pipeline: "shop", stage: "prod" },
    pipeline: "shop",
    stage: "prod",
    by: { name, kind: "person" },
    message,
    createdAt: 0,
    state: "under way",
  };
  const release: Release = {
    id: "r-7f3k/prod-eu",
    promotion: "r-7f3k",
    environment: "prod-eu",
    position: 0,
    state: { step: "planned" },
    changes: [change("cart"), change("side")],
    timeline: [],
    revision: 0,
  };
  return commitMessage({ promotion, release, changes: release.changes, sourceCommit: "abc123", holds, lifts: [] });
}

test("a release's commit says what, who, why and from where", () => {
  expect(text("Sale starts\n\nFixes: #12", "Ana", [])).toBe(
    `Promote cart 2, cart/side 2 from dev to prod-eu

Sale starts

Fixes: #12

Sluice-Release: r-7f3k/prod-eu
Sluice-Environment: prod-eu
Sluice-Pipeline: shop
Sluice-Stage: prod
Sluice-Source: dev@abc123
Sluice-Image: shop:deployment/cart cart shop/cart:1 -> shop/cart:2@sha256:${"cd".repeat(32)}
Sluice-Image: shop:deployment/cart side shop/cart:1 -> shop/cart:2@sha256:${"cd".repeat(32)}
Sluice-Author: Ana
`,
  );
});

test("no words of a person, and no name of theirs, become trailers of ours", () => {
  const expected = trailersOf(text("", "Ana", [])).map((entry) => entry.key);
  fc.assert(
    fc.property(hostile, hostile, fc.array(hold, { maxLength: 2 }), (message, name, holds) => {
      const body = text(message, name, holds);
      const read = trailersOf(body);
      expect(read.map((entry) => entry.key)).toEqual([...expected, ...holds.map(() => "Sluice-Holds")]);
      expect(trailer(body, "Sluice-Release")).toBe("r-7f3k/prod-eu");
      expect(trailer(body, "Sluice-Author")).toBe(oneLine(name));
      expect(body).not.toMatch(/[^\P{Cc}\n\t]/u);
      const last = new Map(holds.map((entry) => [`${entry.environment} ${entry.workload} ${entry.container}`, entry]));
      expect(readMarks(none, [commit(body)]).holds.length).toBe(last.size);
    }),
    { numRuns: 500 },
  );
});
