import { expect, test } from "vitest";
import { normalise } from "./normalise.ts";

test("a short flag may have its value attached, as fluxctl's users write it", () => {
  expect(normalise(["list-images", "-wshop:deployment/catalogue", "-l=5"])).toEqual([
    "list-images",
    "-w",
    "shop:deployment/catalogue",
    "-l",
    "5",
  ]);
});

test("switches without values stay whole", () => {
  expect(normalise(["promote", "-y", "-a", "-h"])).toEqual(["promote", "-y", "-a", "-h"]);
});

test("server, token and form of output may stand before the command", () => {
  expect(normalise(["--server", "http://a", "-ojson", "--token=x", "pipelines", "--server=y"])).toEqual([
    "pipelines",
    "--server=y",
    "--server",
    "http://a",
    "-o",
    "json",
    "--token=x",
  ]);
});

test("fluxctl's form of output is understood", () => {
  expect(normalise(["list-images", "-otab"])).toEqual(["list-images", "-o", "table"]);
  expect(normalise(["list-images", "--output-format", "json"])).toEqual(["list-images", "--output", "json"]);
  expect(normalise(["list-images", "--output-format=tab"])).toEqual(["list-images", "--output=table"]);
});

test("what stands after -- is left as it is", () => {
  expect(normalise(["promote", "--", "-wx"])).toEqual(["promote", "--", "-wx"]);
});
