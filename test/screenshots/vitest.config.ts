/** `npm run screenshots`: no test, but run like one, because it needs the same recorder, cameras and browser. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  test: {
    include: ['test/screenshots/**/*.shots.ts'],
    pool: 'forks',
    testTimeout: 600_000,
    hookTimeout: 180_000,
  },
});
