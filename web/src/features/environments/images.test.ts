import { expect, test } from "vitest";
import { fixedOf, openFor } from "./images.ts";

const cell = (environment: string, fixed?: string) => ({
  environment,
  containers: [
    {
      container: "web",
      init: false,
      image: "x",
      version: { tag: "1" },
      running: [],
      ...(fixed === undefined ? {} : { fixed }),
    },
  ],
});
const image = { tag: "2", digest: "sha256:2", environments: ["dev"], allowed: true, refusedIn: ["stage"] };
const filters = [{ environments: ["dev", "stage", "eu", "us"] }];

test("an image is offered where it is not yet, where its filter takes it, and where Git can be changed", () => {
  const cells = [cell("dev"), cell("stage"), cell("eu"), cell("us", "a Job cannot be changed"), cell("elsewhere")];
  expect(openFor(image, { container: "web", filters }, cells)).toEqual(["eu"]);
});

test("why an image cannot be changed is said once for the environments that agree", () => {
  const cells = [cell("eu", "no field holds its version"), cell("us", "no field holds its version"), cell("dev")];
  expect(fixedOf({ container: "web", filters }, cells)).toEqual([
    { text: "no field holds its version", environments: ["eu", "us"] },
  ]);
});
