import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readKubeconfig } from "./config.ts";

function kubeconfig(user: object, cluster: object = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "sluice-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "token"), "from-a-file\n");
  writeFileSync(join(folder, "ca.crt"), "an authority");
  const file = join(folder, "config");
  const config = {
    "current-context": "dev",
    clusters: [{ name: "one", cluster: { server: "https://dev.example:6443", ...cluster } }],
    users: [{ name: "ana", user }],
    contexts: [{ name: "dev", context: { cluster: "one", user: "ana" } }],
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}

test("the current context gives server, authority and token", () => {
  const authority = Buffer.from("an authority").toString("base64");
  const access = readKubeconfig(
    JSON.parse,
    kubeconfig({ token: "secret" }, { "certificate-authority-data": authority }),
  );
  expect(access).toMatchObject({ server: "https://dev.example:6443", ca: "an authority" });
  expect(access.token?.()).toBe("secret");
});

test("files that a kubeconfig names are found beside it", () => {
  const file = kubeconfig({ tokenFile: "token" }, { "certificate-authority": "ca.crt" });
  const access = readKubeconfig(JSON.parse, file);
  expect(access.ca).toBe("an authority");
  expect(access.token?.()).toBe("from-a-file");
});

test("what cannot be used is named with what to do", () => {
  const file = kubeconfig({ exec: { command: "login" } });
  expect(() => readKubeconfig(JSON.parse, file)).toThrow('the user of context "dev"');
  expect(() => readKubeconfig(JSON.parse, file, "prod")).toThrow('no context "prod" with a server');
  expect(() => readKubeconfig(JSON.parse, `${file}.none`)).toThrow("cannot be read");
});
