import { expect, test } from "vitest";
import { containerKey, parseWorkloadId, workloadId } from "./workload.ts";

test("ids are written as Flux v1 writes them, with the kind in lower case", () => {
  expect(workloadId("shop", "StatefulSet", "cart.db")).toBe("shop:statefulset/cart.db");
  expect(workloadId(undefined, "ClusterThing", "x")).toBe("<cluster>:clusterthing/x");
});

test.each(["shop:deployment/cart", "<cluster>:thing/x", "a_b:c-d/e.f:g"])(
  "%s is taken apart and put together",
  (id) => {
    const { namespace, kind, name } = parseWorkloadId(id)!;
    expect(workloadId(namespace === "<cluster>" ? undefined : namespace, kind, name)).toBe(id);
  },
);

test.each(["", "cart", "shop/cart", "shop:deployment", "shop:deployment/a/b", "shop:deployment/a b"])(
  "%j is no id",
  (text) => {
    expect(parseWorkloadId(text)).toBeUndefined();
  },
);

test("a container's key differs from every other container's", () => {
  const keys = new Set(
    [
      { workload: "shop:deployment/a", container: "b" },
      { workload: "shop:deployment/a", container: "c" },
      { workload: "shop:deployment/b", container: "b" },
    ].map(containerKey),
  );
  expect(keys.size).toBe(3);
});
