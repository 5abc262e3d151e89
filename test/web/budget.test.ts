/** The dashboard is small enough to be there at once. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { expect, onTestFinished, test } from 'vitest';
import { BUDGETS, measure } from '../../web/budget.mjs';

test('what the live view and playback have to load stays within budget', async () => {
  const outDir = mkdtempSync(path.join(os.tmpdir(), 'nightjar-web-'));
  onTestFinished(() => rmSync(outDir, { recursive: true }));
  const root = fileURLToPath(new URL('../../web', import.meta.url));
  await build({ root, configFile: path.join(root, 'vite.config.ts'), logLevel: 'error', build: { outDir } });
  const sizes = measure(outDir);
  expect(sizes.liveScript).toBeLessThanOrEqual(BUDGETS.liveScript);
  expect(sizes.liveStyle).toBeLessThanOrEqual(BUDGETS.liveStyle);
  expect(sizes.playback).toBeLessThanOrEqual(BUDGETS.playback);
});
