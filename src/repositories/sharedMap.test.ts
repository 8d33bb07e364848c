import fc from "fast-check";
import { expect, test } from "vitest";
import { SharedMap } from "./sharedMap.ts";

test("every version says what a plain map says after the same changes, however many came later", () => {
  const changes = fc.array(fc.tuple(fc.string({ maxLength: 3 }), fc.option(fc.nat(9), { nil: undefined })), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(fc.array(changes, { maxLength: 12 }), (turns) => {
      const versions: { shared: SharedMap<number>; plain: Map<string, number> }[] = [
        { shared: SharedMap.empty(), plain: new Map() },
      ];
      for (const turn of turns) {
        const { shared, plain } = versions.at(-1)!;
        const next = new Map(plain);
        for (const [key, value] of turn) {
          if (value === undefined) next.delete(key);
          else next.set(key, value);
        }
        versions.push({ shared: shared.with(new Map(turn)), plain: next });
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
