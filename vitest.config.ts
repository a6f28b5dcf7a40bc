import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    testTimeout: 60_000,
    // A worker keeps the modules it has loaded for its next file: what is tested holds no state of its own, and to load the
    // simulator anew for each of two hundred files took longer than the tests.
    isolate: false,
  },
});
