/** How the dashboard is built: into `dist/web`, with nothing inlined, so that a strict policy lets it run. */
import { defineConfig } from 'vite';

const recorder = 'http://127.0.0.1:8080';

export default defineConfig({
  root: new URL('.', import.meta.url).pathname,
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
  },
  server: { proxy: { '/api': { target: recorder, ws: true }, '/readyz': recorder } },
});
