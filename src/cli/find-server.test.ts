import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../test/support/repository.ts";
import { SluiceError } from "../errors.ts";
import { findServer, trialFile } from "./find-server.ts";

function folders() {
  const folder = temporaryFolder();
  onTestFinished(folder.remove);
  const cwd = join(folder.path, "work/deep/inside");
  const packageFolder = join(folder.path, "package");
  for (const path of [cwd, packageFolder]) mkdirSync(path, { recursive: true });
  const trial = (path: string, content: string) => {
    mkdirSync(join(folder.path, path, ".sluice"), { recursive: true });
    writeFileSync(join(folder.path, path, trialFile), content);
  };
  return { cwd, packageFolder, trial };
}

test("the flag counts more than SLUICE_SERVER, and that more than a running trial", () => {
  const { cwd, packageFolder, trial } = folders();
  trial("work", '{"url":"http://127.0.0.1:3"}');
  const env = { SLUICE_SERVER: "http://127.0.0.1:2/" };
  expect(findServer("http://127.0.0.1:1", { env, cwd, packageFolder }).url).toBe("http://127.0.0.1:1");
  expect(findServer(undefined, { env, cwd, packageFolder }).url).toBe("http://127.0.0.1:2");
  expect(findServer(undefined, { env: {}, cwd, packageFolder }).url).toBe("http://127.0.0.1:3");
});

test("a trial is found from any folder below it, and from elsewhere beside the package", () => {
  const { cwd, packageFolder, trial } = folders();
  trial("package", '{"url":"http://127.0.0.1:4"}');
  expect(findServer(undefined, { env: {}, cwd, packageFolder }).url).toBe("http://127.0.0.1:4");
  trial("work/deep", '{"url":"http://127.0.0.1:5"}');
  expect(findServer(undefined, { env: {}, cwd, packageFolder })).toEqual({
    url: "http://127.0.0.1:5",
    from: join(cwd, "..", trialFile),
  });
});

test("without any it tells everything it looked at; a broken trial file is passed over", () => {
  const { cwd, packageFolder, trial } = folders();
  trial("work", "{");
  try {
    findServer(undefined, { env: {}, cwd, packageFolder });
    expect.unreachable();
  } catch (thrown) {
    const error = thrown as SluiceError;
    expect(error).toBeInstanceOf(SluiceError);
    expect(error.exit).toBe(5);
    for (const tried of ["--server", "SLUICE_SERVER", cwd, packageFolder]) expect(error.help).toContain(tried);
  }
});
