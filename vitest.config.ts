import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    pool: "threads",
    isolate: false,
    include: ["src/**/*.test.ts", "test/unit/**/*.test.ts", "web/src/**/*.test.ts"],
    testTimeout: 20_000,
  },
});
