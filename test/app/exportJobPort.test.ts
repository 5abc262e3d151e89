/** What may be ordered as an export in the background, and what not. */
import { expect, it } from 'vitest';
import { exportJobPort } from '../../src/app/exportJobPort.ts';
import { ExportJobs } from '../../src/app/exportJobs.ts';
import { Database } from '../../src/archive/database.ts';
import { ExportJobStore } from '../../src/archive/exportJobStore.ts';
import { migrate } from '../../src/archive/migrations.ts';
import { cameraId } from '../../src/domain/ids.ts';
import { DAY_MS } from '../../src/domain/time.ts';
import { HandClock, START_MS, silentLog, temporaryFolder } from '../archive/support.ts';

const DOOR = cameraId('door');
const YARD = cameraId('yard');
const ORDER = {
  ...{ cameras: [DOOR], fromMs: START_MS - 60_000, toMs: START_MS },
  ...{ format: 'mp4' as const, zip: false, burnTime: false },
};

function port() {
  const clock = new HandClock();
  const database = Database.open(':memory:');
  migrate(database);
  const jobs = new ExportJobs({
    ...{ store: new ExportJobStore(database), clock, log: silentLog, keepMs: DAY_MS },
    ...{ folder: temporaryFolder(), make: () => new Promise(() => undefined) },
  });
  return exportJobPort({ jobs, key: '0123', keepMs: DAY_MS, knows: (id) => id !== YARD }, clock);
}

it.each([
  ['an empty range', { fromMs: START_MS }, 'toMs'],
  ['a reversed range', { fromMs: START_MS, toMs: START_MS - 1 }, 'toMs'],
  ['a range in the future', { fromMs: START_MS + 1, toMs: START_MS + 2 }, 'fromMs'],
  ['a range that ends in the future', { toMs: START_MS + 1 }, 'toMs'],
  ['more than 400 days', { fromMs: START_MS - 401 * DAY_MS }, 'toMs'],
  ['more than a day with its time burnt in', { fromMs: START_MS - DAY_MS - 1, burnTime: true }, 'toMs'],
  ['a camera that nobody knows', { cameras: [YARD] }, 'cameras'],
  ['several cameras as one file', { cameras: [DOOR, cameraId('gate')] }, 'zip'],
])('%s cannot be ordered', (_, wrong, field) => {
  const order = () => port().order({ ...ORDER, ...wrong }, 'anna');
  expect(order).toThrow(expect.objectContaining({ field }));
});

it('what can be ordered says whether its time is burnt in', async () => {
  const { order, list } = port();
  await order(ORDER, 'anna');
  await order({ ...ORDER, burnTime: true }, 'anna');
  expect((await list()).exports.map(({ burnTime }) => burnTime)).toEqual([true, false]);
});
