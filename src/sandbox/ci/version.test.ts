import fc from "fast-check";
import { expect, test } from "vitest";
import { parseImage } from "../../model/image.ts";
import { nextTag, patternAfter } from "./version.ts";

test("builds go on from the highest number there is, whatever stands around it", () => {
  expect(nextTag("1.8\n", ["1.8.2", "1.8.10", "1.9.7", "latest"])).toBe("1.8.11");
  expect(nextTag("1.9", ["1.8.2"])).toBe("1.9.0");
  expect(nextTag("main-*", ["main-7", "main-41"])).toBe("main-42");
  expect(nextTag("3.6.*-management", ["3.6.8-management", "3.6.9"])).toBe("3.6.9-management");
});

test("a tag that exists tells how the next ones are called", () => {
  expect(patternAfter("0.4.8")).toBe("0.4.*");
  expect(patternAfter("v2.1.0")).toBe("v2.1.*");
  expect(patternAfter("16.4")).toBe("16.4.*");
  expect(patternAfter("3.6.8-management")).toBe("3.6.*-management");
  expect(patternAfter("alpine")).toBe("alpine-*");
  expect(patternAfter("main-42")).toBe("main-*");
  expect(patternAfter("latest")).toBe("1.0.*");
});

test("whatever VERSION says, the next tag is a valid tag that did not exist", () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.stringMatching(/^[\w][\w.-]{0,10}$/)), (version, tags) => {
      const text = version.slice(0, 100);
      const first = nextTag(text, tags);
      expect(tags).not.toContain(first);
      expect(nextTag(text, [...tags, first])).not.toBe(first);
      expect(parseImage(`shop/cart:${first}`)?.tag).toBe(first);
    }),
  );
});
