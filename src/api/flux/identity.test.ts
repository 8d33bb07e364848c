import { expect, test } from "vitest";
import { SluiceError } from "../../errors.ts";
import type { ApiContext } from "../context.ts";
import { fluxGitConfig } from "./identity.ts";

function contextOf(repository: string, more: Partial<ApiContext> = {}, problem?: string): ApiContext {
  const repositories = {
    environment: () => ({ git: { repository, branch: "main", paths: ["a", "b/c"] } }),
    unreachable: new Map(problem === undefined ? [] : [[repository, problem]]),
    headOf: () => "0123456",
  };
  return { repositories, publicKey: async () => undefined, ...more } as unknown as ApiContext;
}

test("the repository's address is told without its login, with branch and paths", async () => {
  const { remote } = await fluxGitConfig(contextOf("https://bot:secret@git.example.org/shop.git"), "dev", false);
  expect(remote).toEqual({ url: "https://git.example.org/shop.git", branch: "main", path: "a,b/c" });
});

test("a repository that cannot be read says why in one text", async () => {
  const config = await fluxGitConfig(
    contextOf("https://git.example.org/shop.git", {}, "no route to host"),
    "dev",
    false,
  );
  expect(config).toMatchObject({ status: "unreachable", errors: "no route to host" });
});

test("a key that cannot be shown does not stand in the way of a sync, and none is made", async () => {
  const publicKey = async () => {
    throw new SluiceError("git_failed", "The key cannot be shown.", { help: "Check it." });
  };
  const context = contextOf("https://git.example.org/shop.git", { publicKey });
  const config = await fluxGitConfig(context, "dev", false);
  expect(config).toMatchObject({ status: "ready", publicSSHKey: { key: "# The key cannot be shown. Check it.\n" } });
  await expect(fluxGitConfig(context, "dev", true)).rejects.toThrow("Sluice does not make SSH keys.");
});
