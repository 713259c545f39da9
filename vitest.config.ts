// Three groups of tests: fast ones that run side by side, the GUI's in a made-up browser, and those that start whole
// programs, which run one after the other when the machine is quiet.
import { defineConfig } from 'vitest/config';

const WHOLE_PROGRAMS = ['test/desktop/**/*.test.ts', 'test/e2e/**/*.test.ts', 'test/headless.test.ts'];

export default defineConfig({
  test: {
    testTimeout: 10_000,
    globalSetup: ['test/support/bundle-programs.ts'],
    setupFiles: ['test/support/loopback-only.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...WHOLE_PROGRAMS, 'test/renderer/**'],
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: { name: 'renderer', include: ['test/renderer/**/*.test.{ts,tsx}'], environment: 'jsdom', maxWorkers: 2 },
      },
      {
        extends: true,
        test: {
          name: 'programs',
          include: WHOLE_PROGRAMS,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 1,
          maxConcurrency: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
