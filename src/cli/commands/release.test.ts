import { expect, test } from "vitest";
import type { MatrixView } from "../../model/views.ts";
import { selectUsers } from "./release.ts";

function matrix(images: Readonly<Record<string, readonly string[]>>): MatrixView {
  const rows = Object.entries(images).map(([name, written]) => ({
    id: `shop:deployment/${name}`,
    namespace: "shop",
    kind: "Deployment",
    name,
    cells: { dev: { containers: written.map((image, index) => ({ container: `c${index}`, image })) } },
  }));
  return { environments: [], rows, problems: [] } as unknown as MatrixView;
}

test("an image is found wherever it is used, however its name is written", () => {
  const shop = matrix({
    web: ["nginx:1.27", "shop/proxy:1.0"],
    admin: ["docker.io/library/nginx:1.26"],
    orders: ["shop/orders:1"],
  });
  expect(selectUsers(shop, "nginx:1.28", [])).toEqual([
    { workload: "shop:deployment/web", container: "c0", tag: "1.28" },
    { workload: "shop:deployment/admin", container: "c0", tag: "1.28" },
  ]);
  expect(selectUsers(shop, "nginx:1.28", ["admin"])).toHaveLength(1);
});

test("an image nobody uses, or one without a tag, is told", () => {
  const shop = matrix({ web: ["nginx:1.27"] });
  expect(() => selectUsers(shop, "redis:7", [])).toThrow("Nothing uses docker.io/library/redis");
  expect(() => selectUsers(shop, "nginx", [])).toThrow("it names no tag");
});
