import { defineConfig } from "vitest/config";

/** Tests on real parts: one file at a time, each in a process of its own. */
export default defineConfig({
  test: {
    pool: "forks",
    include: ["test/cluster/**/*.test.ts"],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
