import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { editManifests } from "../../../src/manifests/edit.ts";
import { type Case, cases } from "./file.ts";
import { planned } from "./planned.ts";
import { documentsOf, runs, timeout } from "./runs.ts";
import { nothingWanted } from "./texts.ts";

test("in 10,000 generated files the edits change exactly the bytes of the planned values", { timeout }, () => {
  fc.assert(
    fc.property(cases, ({ text, edits, wanted }: Case) => {
      const before = text(nothingWanted);
      const after = editManifests("app.yaml", before, edits);
      if (after !== text(wanted)) expect(after).toBe(text(wanted));
      const plan = planned(documentsOf(before), edits);
      if (!isDeepStrictEqual(documentsOf(after), plan)) expect(documentsOf(after)).toStrictEqual(plan);
    }),
    { numRuns: runs },
  );
});
