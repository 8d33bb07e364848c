import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../../test/support/repository.ts";
import { readConfigurationPlace } from "./configuration-place.ts";

test("a Git place may name branch and path; without them it is main and the root", () => {
  const repository = "https://git.example.com/shop/config.git";
  expect(readConfigurationPlace(repository, "/")).toEqual({ kind: "git", repository, branch: "main", path: "" });
  expect(readConfigurationPlace(`${repository}#live:sluice/docs`, "/")).toEqual({
    kind: "git",
    repository,
    branch: "live",
    path: "sluice/docs",
  });
  expect(readConfigurationPlace("git@git.example.com:shop/config#:sluice", "/")).toMatchObject({
    repository: "git@git.example.com:shop/config",
    branch: "main",
    path: "sluice",
  });
  expect(readConfigurationPlace("shop/config.git", "/srv")).toMatchObject({ repository: "/srv/shop/config.git" });
});

test("anything else is a folder, and one that is not there is told", () => {
  const folder = temporaryFolder();
  onTestFinished(folder.remove);
  mkdirSync(join(folder.path, "docs"));
  expect(readConfigurationPlace("docs", folder.path)).toEqual({ kind: "folder", folder: join(folder.path, "docs") });
  expect(() => readConfigurationPlace("dosc", folder.path)).toThrow("--config dosc: there is no such folder");
});
