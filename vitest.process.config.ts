import { defineConfig } from "vitest/config";

/** Tests that start and kill processes of their own: one file at a time, each in a process of its own. */
export default defineConfig({
  test: {
    pool: "forks",
    include: ["test/demo/**/*.test.ts", "test/crash/**/*.test.ts"],
    fileParallelism: false,
    testTimeout: 90_000,
    hookTimeout: 60_000,
  },
});
