import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { git, makeRepository, temporaryFolder } from "../../test/support/repository.ts";
import { Mirror } from "./mirror.ts";
import { gitAccessOf } from "./mirrors.ts";
import { sshSigner } from "./signing.ts";

let folder: ReturnType<typeof temporaryFolder>;
const at = (...names: string[]) => join(folder.path, ...names);
const makeKey = (name: string, type: string, passphrase = "") =>
  execFileSync("ssh-keygen", ["-q", "-t", type, "-N", passphrase, "-C", "sluice", "-f", at(name)]);

beforeAll(() => {
  folder = temporaryFolder();
  makeKey("key", "ed25519");
  makeKey("rsa", "rsa");
  makeKey("locked", "ed25519", "a passphrase");
});
afterAll(() => folder.remove());

test.each(["key", "rsa"])("git verifies a commit signed with %s, with Sluice as its committer", async (key) => {
  const bare = at(`${key}.git`);
  makeRepository(bare, { "a.yaml": "a\n" });
  const { credentials: _, ...access } = await gitAccessOf({
    SLUICE_GIT_SIGNING_KEY: at(key),
    SLUICE_GIT_COMMITTER: "Sluice Bot <bot@shop.example>",
  });
  const mirror = await Mirror.open(bare, at(`${key}-mirror`), access);
  await mirror.fetch();
  const first = (await mirror.head("main"))!;
  let tip = first;
  for (const text of ["Unicode 猫", "Two\n\nKey: value"])
    tip = await mirror.commit({
      parent: tip,
      files: new Map([["a.yaml", `${text}\n`]]),
      message: `${text}\n`,
      author: { name: "Ada", email: "ada@example.org" },
      at: 1e12,
    });
  expect(await mirror.push("main", tip, first)).toEqual({ pushed: true });
  // Our own reading of a commit knows the header.
  expect((await mirror.log(first, tip)).map((commit) => [commit.author, commit.subject])).toEqual([
    ["Ada", "Two"],
    ["Ada", "Unicode 猫"],
  ]);
  await mirror.close();
  const signers = at(`${key}-allowed`);
  writeFileSync(signers, `bot@shop.example namespaces="git" ${readFileSync(at(`${key}.pub`), "utf8")}`);
  const verify = ["-c", `gpg.ssh.allowedSignersFile=${signers}`];
  git(bare, ...verify, "verify-commit", "main", "main~1");
  expect(git(bare, ...verify, "log", "--format=%G? %GS %an <%ae> %cn <%ce>", "-2", "main")).toBe(
    "G bot@shop.example Ada <ada@example.org> Sluice Bot <bot@shop.example>\n".repeat(2),
  );
  expect(git(bare, "fsck", "--strict")).toBe("");
});

test("a key that cannot sign is refused at the start, with the reason and what to do", async () => {
  copyFileSync(at("key"), at("open"));
  chmodSync(at("open"), 0o644);
  writeFileSync(at("text"), "no key\n", { mode: 0o600 });
  await expect(sshSigner(at("none"))).rejects.toMatchObject({ code: "bad_request", message: /cannot be read/ });
  await expect(sshSigner(at("locked"))).rejects.toMatchObject({ message: /it has a passphrase/, help: /ssh-keygen/ });
  await expect(sshSigner(at("open"))).rejects.toMatchObject({ message: /others may read it/, help: /chmod 600/ });
  await expect(sshSigner(at("text"))).rejects.toMatchObject({ message: /is no private key/ });
  await expect(gitAccessOf({ SLUICE_GIT_COMMITTER: "Sluice" })).rejects.toThrow('which is not "Name <address>"');
});

test("a key that goes away stops the writing: nothing is committed unsigned", async () => {
  copyFileSync(at("key"), at("gone"));
  chmodSync(at("gone"), 0o600);
  const sign = await sshSigner(at("gone"));
  expect(await sign(Buffer.from("x"))).toMatch(
    /^-----BEGIN SSH SIGNATURE-----\n(?:[\w+/=]+\n)+-----END SSH SIGNATURE-----$/,
  );
  chmodSync(at("gone"), 0o644);
  await expect(sign(Buffer.from("x"))).rejects.toMatchObject({ code: "git_failed", message: /cannot be signed/ });
});
