import { expect, test } from "vitest";
import { alike, brief, leadOf } from "./alike.ts";

test("pods with the same trouble are one sentence with a count, other trouble stays its own", () => {
  const entries = [
    "back-off 4s restarting pod=frontend-pbnd95ws9-k7th9",
    "back-off 8s restarting pod=frontend-pbnd95ws9-x2x2x",
    "cannot pull image",
  ];
  expect(alike(entries, (text) => text).map(({ first, more }) => [first, more])).toEqual([
    [entries[0], 1],
    [entries[2], 0],
  ]);
});

test("a sentence that ends with what stands beside it keeps only what comes before that", () => {
  const beside = ["CrashLoopBackOff: back-off 8s of cart-5d1-x2"];
  expect(leadOf("dev: shop:deployment/cart: CrashLoopBackOff: back-off 8s of cart-5d1-x2", beside)).toBe(
    "dev: shop:deployment/cart",
  );
  expect(leadOf("dev: cart: CrashLoopBackOff: back-off 4s of cart-77f-z9", beside)).toBe("dev: cart");
  expect(leadOf("CrashLoopBackOff: back-off 8s of cart-5d1-x2", beside)).toBe("");
  expect(leadOf("dev: it took too long: 10 minutes", beside)).toBe("dev: it took too long: 10 minutes");
});

test("namespace and uid of a pod are left out, its name stays", () => {
  expect(brief("restarting pod=cart-8f-vv_shop(d443411a-3377-40e5-b66a-65f47cd97cc4) again")).toBe(
    "restarting pod=cart-8f-vv again",
  );
  expect(brief("snake_case(1) stays")).toBe("snake_case(1) stays");
});
