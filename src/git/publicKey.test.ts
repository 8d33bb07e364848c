import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { publicKeyOf } from "./publicKey.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-key-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function makeKey(name: string, passphrase: string): string {
  const path = join(folder, name);
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-C", "sluice@example.org", "-N", passphrase, "-f", path]);
  return path;
}

test("the public half of a key comes with its fingerprints and their pictures", async () => {
  const path = makeKey("plain", "");
  const { key, fingerprints } = await publicKeyOf(path);
  expect(key).toBe(readFileSync(`${path}.pub`, "utf8"));
  expect(fingerprints.md5.hash).toMatch(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
  expect(fingerprints.sha256.hash).toMatch(/^[A-Za-z0-9+/]{43}$/);
  for (const { randomart } of [fingerprints.md5, fingerprints.sha256])
    expect(randomart).toMatch(/^\+--\[ED25519 256\]--\+\n(\|.{17}\|\n){9}\+-+\[(MD5|SHA256)\]-+\+\n$/);
});

test("a key that needs a passphrase, or is none, is refused without telling where it lies", async () => {
  for (const path of [makeKey("secret", "open sesame"), join(folder, "missing")]) {
    const error = await publicKeyOf(path).catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ code: "git_failed" });
    expect(String((error as Error).message)).not.toContain(folder);
  }
});
