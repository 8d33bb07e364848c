import { defineConfig } from "vitest/config";

/** Tests of the page in the system's Chromium, on a demo of their own. */
export default defineConfig({
  test: {
    pool: "forks",
    include: ["test/browser/**/*.test.ts"],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
