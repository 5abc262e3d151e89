/** `npm run bench`: lets Vite read the TypeScript of the benches, which Node 20 can't, and runs them. */
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const { module } = await runnerImport(fileURLToPath(new URL('bench.ts', import.meta.url)), {
  configFile: false,
  logLevel: 'error',
});
process.exitCode = await module.bench(process.argv.slice(2));
