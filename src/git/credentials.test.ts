import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeRepository, temporaryFolder } from "../../test/support/repository.ts";
import { fileCredentials } from "./credentials.ts";
import { Mirror } from "./mirror.ts";

let folder: ReturnType<typeof temporaryFolder>;
const at = (...names: string[]) => join(folder.path, ...names);
beforeAll(() => {
  folder = temporaryFolder();
  mkdirSync(at("it's 100% mine"));
});
afterAll(() => folder.remove());

test("ssh is called with our key and hosts alone, and never asks anybody", async () => {
  const sshKey = at("it's 100% mine", "id key");
  const knownHosts = at("it's 100% mine", "known hosts");
  const { GIT_SSH_COMMAND: command } = await fileCredentials({ sshKey, knownHosts })("git@git.shop.example:a/b.git");
  // ssh itself tells what it makes of the command.
  const shown = execFileSync("sh", ["-c", `${command} -G git.shop.example`], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  // `%%` stands for a percent sign, which ssh reads when it opens the file.
  const settings = shown.replaceAll("%%", "%").split("\n");
  expect(settings).toContain("batchmode yes");
  expect(settings).toContain("stricthostkeychecking true");
  expect(settings).toContain("identitiesonly yes");
  expect(settings.filter((line) => line.startsWith("identityfile "))).toEqual([`identityfile ${sshKey}`]);
  expect(settings.find((line) => line.startsWith("userknownhostsfile "))).toContain(knownHosts);
  expect(settings).toContain("globalknownhostsfile /dev/null");
});

test("only addresses of SSH are met with ssh", async () => {
  const credentials = fileCredentials({ sshKey: "/key" });
  for (const url of ["ssh://git@host/x.git", "git@host:x.git", "host:x.git", "git+ssh://host/x"])
    expect(Object.keys(await credentials(url))).toContain("GIT_SSH_COMMAND");
  for (const url of ["https://host/x.git", "http://ana:pw@host/x", "/srv/x.git", "file:///srv/x.git", "./a:b"])
    expect(Object.keys(await credentials(url))).not.toContain("GIT_SSH_COMMAND");
});

test("fetching and pushing over ssh shows no secret on any command line", async () => {
  const bare = at("config.git");
  makeRepository(bare, { "a.yaml": "a\n" });
  writeFileSync(at("key"), "PRIVATE-BYTES\n", { mode: 0o600 });
  // Stands for ssh: tells how it was called and does what it is asked here.
  mkdirSync(at("bin"));
  const seen = at("seen");
  writeFileSync(
    at("bin/ssh"),
    `#!/bin/sh\necho "$@" >> ${seen}\nps -eo args >> ${seen}\nfor last; do :; done\nexec sh -c "$last"\n`,
  );
  chmodSync(at("bin/ssh"), 0o755);
  const credentials = fileCredentials({ sshKey: at("key"), https: at("unread") });
  const mirror = await Mirror.open(`ssh://git@git.shop.example${bare}`, at("mirror"), {
    credentials: async (url) => ({ ...(await credentials(url)), PATH: `${at("bin")}:${process.env.PATH}` }),
  });
  await mirror.fetch();
  const parent = (await mirror.head("main"))!;
  const commit = await mirror.commit({
    parent,
    files: new Map([["a.yaml", "b\n"]]),
    message: "Write\n",
    author: { name: "Ana", email: "ana@shop.example" },
    at: 1e12,
  });
  expect(await mirror.push("main", commit, parent)).toEqual({ pushed: true });
  await mirror.close();
  const calls = readFileSync(seen, "utf8");
  expect(calls).toContain("git-upload-pack");
  expect(calls).toContain("git-receive-pack");
  expect(calls).toContain(`IdentityFile="${at("key")}"`);
  expect(calls).not.toContain("PRIVATE-BYTES");
});
