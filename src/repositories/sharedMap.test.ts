import fc from "fast-check";
import { expect, test } from "vitest";
import { SharedMap } from "./sharedMap.ts";

test("every version says what a plain map says after the same changes, however many came later", () => {
  const someChanges = fc.array(fc.tuple(fc.string({ maxLength: 3 }), fc.option(fc.nat(9), { nil: undefined })), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(fc.array(someChanges, { maxLength: 12 }), (turns) => {
      const versions: { shared: SharedMap<number>; plain: Map<string, number> }[] = [
        { shared: SharedMap.empty(), plain: new Map() },
      ];
      for (const turn of turns) {
        const { shared, plain } = versions.at(-1)!;
        const next = new Map(plain);
        // No change at all stands for taking everything out: maps shrink, too.
        const changes = turn.length > 0 ? new Map(turn) : new Map([...plain.keys()].map((key) => [key, undefined]));
        for (const [key, value] of changes) {
          if (value === undefined) next.delete(key);
          else next.set(key, value);
        }
        versions.push({ shared: shared.with(changes), plain: next });
      }
      const keys = new Set(turns.flat().map(([key]) => key));
      for (const { shared, plain } of versions) {
        expect(shared.size).toBe(plain.size);
        for (const key of keys) expect(shared.get(key)).toBe(plain.get(key));
      }
    }),
    { numRuns: 200 },
  );
});
