import { defineConfig } from 'vitest/config';

const root = new URL('..', import.meta.url).pathname;
/**
 * Media tests run one process per file: a hang of one must not take the others with it. They wait for cameras more than they
 * calculate, so three run at once; a browser without a graphics unit calculates, so two of those do.
 */
const forks = { pool: 'forks' as const, root };

/** What is measured by the clock here has the machine for itself. */
const CLOCKED = ['test/e2e/faults.test.ts'];
/** Puts something in the place of a module, which other files in the same process would have read before. */
const MOCKED = ['test/http/session.test.ts'];
const PRODUCT = { ...forks, testTimeout: 180_000, hookTimeout: 120_000 };

const { FAULTS: WITH_FAULTS, CI } = process.env;
/**
 * Only where the tests share a machine with others: what is real here (cameras, a browser, the clock) can be held up
 * for seconds. A test that needs the second try is named in the report, and has a race to be found.
 */
const retry = CI === undefined ? 0 : 1;
/** Heavy; `npm run test:faults` runs them, `npm test` does not. */
const FAULTS = {
  root,
  test: {
    name: 'faults',
    ...forks,
    include: ['test/faults/**/*.test.ts'],
    testTimeout: 1_800_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
};

export default defineConfig({
  root,
  test: {
    projects: [
      {
        root,
        test: {
          name: 'unit',
          ...forks,
          include: ['test/{archive,cli,config}/**/*.test.ts', 'test/*.test.ts', ...MOCKED],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
      {
        root,
        test: {
          name: 'rooms',
          ...forks,
          // Without a state of their own between tests: one process for many files, which read the same modules.
          isolate: false,
          include: ['test/{domain,mp4,live,cameras,app,http}/**/*.test.ts'],
          exclude: MOCKED,
          testTimeout: 120_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
      {
        root,
        test: {
          name: 'web',
          ...forks,
          include: ['test/web/**/*.test.ts'],
          testTimeout: 120_000,
          maxWorkers: 2,
        },
      },
      {
        root,
        test: {
          name: 'media',
          ...forks,
          sequence: { groupOrder: 1 },
          include: ['test/media/**/*.test.ts'],
          retry,
          testTimeout: 120_000,
          hookTimeout: 60_000,
          maxWorkers: 3,
        },
      },
      {
        root,
        test: {
          name: 'e2e',
          ...PRODUCT,
          include: ['test/e2e/**/*.test.ts'],
          exclude: CLOCKED,
          retry,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        root,
        test: {
          name: 'clocked',
          ...PRODUCT,
          include: CLOCKED,
          retry,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
      ...(WITH_FAULTS === undefined ? [] : [FAULTS]),
    ],
  },
});
