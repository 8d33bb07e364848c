import { expect, test } from "vitest";
import type { ImageView } from "../../model/views.ts";
import { imageTable } from "./list-images.ts";

const hour = 3_600_000;
function image(tag: string, hoursAgo: number | undefined, environments: readonly string[] = []): ImageView {
  return {
    tag,
    digest: "sha256:0",
    environments,
    allowed: tag !== "nightly",
    refusedIn: [],
    ...(hoursAgo === undefined ? {} : { createdAt: 100 * hour - hoursAgo * hour }),
  };
}

test("images look as fluxctl shows them, with every environment beside the tag it runs", () => {
  const images = [
    image("1.8.2", 2, ["dev"]),
    image("nightly", 3),
    image("1.8.1", 30, ["stage-eu", "prod-eu"]),
    image("1.8.0", undefined),
  ];
  const view = {
    workload: "shop:deployment/catalogue",
    container: "catalogue",
    name: "docker.io/shop/catalogue",
    images,
    filters: [],
    unreadable: [],
  };
  const sidecar = { ...view, container: "proxy", name: "docker.io/shop/proxy", images: [] };
  expect(imageTable([view, sidecar], 100 * hour, (_colour, text) => text)).toBe(
    `WORKLOAD                   CONTAINER  IMAGE                                    CREATED                   COMMIT  RUNS IN
shop:deployment/catalogue  catalogue  docker.io/shop/catalogue
                                      '-> 1.8.2                                2 h ago                           dev
                                      |   nightly (not allowed by the filter)  3 h ago
                                      '-> 1.8.1                                30 h ago                          stage-eu, prod-eu
                                          1.8.0                                ?
                           proxy      docker.io/shop/proxy                     image data not available
`,
  );
});
