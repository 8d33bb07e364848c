import fc from "fast-check";
import { expect, test } from "vitest";
import { painter } from "./paint.ts";
import { lines, table, width } from "./table.ts";

test("a table looks as fluxctl's, without blanks at the ends of lines", () => {
  const text = table(
    ["WORKLOAD", "CONTAINER", "IMAGE", "RELEASE", "POLICY"],
    [
      ["default:deployment/hello", "hello", "quay.io/weaveworks/hello:master-1", "ready", "automated"],
      ["", "sidecar", "quay.io/weaveworks/sidecar:1.0", "", ""],
      ["default:deployment/nothing", "", "", "ready", "locked"],
    ],
  );
  expect(text).toBe(
    `WORKLOAD                    CONTAINER  IMAGE                              RELEASE  POLICY
default:deployment/hello    hello      quay.io/weaveworks/hello:master-1  ready    automated
                            sidecar    quay.io/weaveworks/sidecar:1.0
default:deployment/nothing                                                ready    locked
`,
  );
});

const word = fc.stringMatching(/^[a-z0-9✓✗◐.:/-]{1,12}$/);
test("every column starts at the same place in every line, whatever stands in it", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(word, word, word), { minLength: 1, maxLength: 8 }), (rows) => {
      const printed = lines(rows).split("\n").slice(0, -1);
      const starts = [0, 1].map((column) => Math.max(...rows.map((row) => [...row[column]!].length)) + 2);
      printed.forEach((line, index) => {
        const cells = [...line];
        expect(cells.slice(starts[0]).join("").startsWith(rows[index]![1])).toBe(true);
        expect(cells.slice(starts[0]! + starts[1]!).join("")).toBe(rows[index]![2]);
      });
    }),
  );
});

test("colours take no width and are left out where nobody sees them", () => {
  const output = { write() {}, terminal: true, columns: 80, rows: 24 };
  const red = painter(output, {})("red", "failed");
  expect(red).not.toBe("failed");
  expect(width(red)).toBe(6);
  expect(painter(output, { NO_COLOR: "1" })("red", "failed")).toBe("failed");
  expect(painter({ ...output, terminal: false }, {})("red", "failed")).toBe("failed");
});
