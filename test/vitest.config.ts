import { defineConfig } from 'vitest/config';
import LongestFirst from './support/longestFirst.ts';

const root = new URL('..', import.meta.url).pathname;
/**
 * One process per file: a hang of one must not take the others with it. Some wait for cameras or limits most of their
 * time, others calculate; three at once keep two processors busy.
 */
const forks = { pool: 'forks' as const, root, maxWorkers: 3 };

/** What is measured by the clock here, in fractions of a second, runs when nothing else does. */
const CLOCKED = ['test/e2e/faults.test.ts', 'test/e2e/playback.test.ts'];
/** Puts something in the place of a module, which other files in the same process would have read before. */
const MOCKED = ['test/http/session.test.ts'];
const PRODUCT = { ...forks, testTimeout: 180_000, hookTimeout: 180_000 };

const { FAULTS: WITH_FAULTS, CI } = process.env;
/**
 * Only where the tests share a machine with others: what is real here (cameras, disks, a browser, the clock) can be held up
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
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        root,
        test: {
          name: 'unit',
          ...forks,
          include: ['test/{archive,cli,config}/**/*.test.ts', 'test/*.test.ts', ...MOCKED],
          retry,
          testTimeout: 120_000,
          hookTimeout: 60_000,
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
          retry,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        root,
        test: {
          name: 'web',
          ...forks,
          include: ['test/web/**/*.test.ts'],
          retry,
          testTimeout: 120_000,
        },
      },
      {
        root,
        test: {
          name: 'media',
          ...forks,
          include: ['test/media/**/*.test.ts'],
          retry,
          testTimeout: 120_000,
          hookTimeout: 60_000,
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
        },
      },
      {
        root,
        test: {
          name: 'clocked',
          ...PRODUCT,
          include: CLOCKED,
          retry,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      ...(WITH_FAULTS === undefined ? [] : [FAULTS]),
    ],
  },
});
