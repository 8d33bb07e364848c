import { expect, test } from "vitest";
import { policyChangeId, promotionId, releaseId } from "./ids.ts";

test("ids of promotions and policy changes are short, and have no letters that people mix up", () => {
  let seed = 1;
  const random = () => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  for (let index = 0; index < 200; index++) {
    expect(promotionId(random)).toMatch(/^r-[2-9a-hjkmnp-z]{5}$/);
    expect(policyChangeId(random)).toMatch(/^c-[2-9a-hjkmnp-z]{5}$/);
  }
  expect(promotionId(() => 0.999_999_999, 4)).toBe("r-zzzz");
  expect(promotionId(() => 0, 4)).toBe("r-2222");
});

test("a release is named by its promotion and its environment", () => {
  expect(releaseId("r-7f3k", "prod-eu")).toBe("r-7f3k/prod-eu");
});
