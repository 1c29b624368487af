import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["host-test/test/**/*.test.ts"],
    setupFiles: ["host-test/test/support/every-event.ts"],
    // Real processes start and stop inside tests.
    testTimeout: 60_000,
    hookTimeout: 180_000,
    teardownTimeout: 30_000,
    maxWorkers: 2,
  },
});
