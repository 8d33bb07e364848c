import { defineConfig } from "vitest/config";

/** The real fluxctl against a running trial: one file at a time, each in a process of its own. */
export default defineConfig({
  test: {
    pool: "forks",
    include: ["test/flux/**/*.test.ts"],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
