import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalQuantity } from "./quantity.ts";

test("quantities are written in the shortest form of their kind", () => {
  const forms = {
    "0.5": "500m",
    "1000m": "1",
    "1024Mi": "1Gi",
    "1.5Gi": "1536Mi",
    "0.5Gi": "512Mi",
    "1e3": "1e3",
    "512Ki": "512Ki",
  };
  for (const [given, written] of Object.entries(forms)) expect(canonicalQuantity(given)).toBe(written);
  expect(canonicalQuantity("100Mi")).toBe("100Mi");
  expect(canonicalQuantity(2)).toBe("2");
  expect(canonicalQuantity("lots")).toBeUndefined();
});

test("writing a quantity twice changes nothing more", () => {
  const suffix = fc.constantFrom("", "m", "k", "M", "G", "Ki", "Mi", "Gi", "e3");
  const amount = fc.oneof(
    fc.nat(100_000).map(String),
    fc.tuple(fc.nat(500), fc.nat(999)).map(([a, b]) => `${a}.${b}`),
  );
  fc.assert(
    fc.property(amount, suffix, (number, unit) => {
      const once = canonicalQuantity(number + unit);
      expect(once).toBeDefined();
      expect(canonicalQuantity(once)).toBe(once);
    }),
  );
});
