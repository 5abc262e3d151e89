import { expect, it } from 'vitest';
import { DelayMeter } from '../../src/archive/delayMeter.ts';

it('remembers the slowest for half a minute to a minute', async () => {
  let now = 0;
  const meter = new DelayMeter(() => now);
  const last = (ms: number) =>
    meter.time(async () => {
      now += ms;
    });
  await last(900);
  await last(30);
  expect(meter.slowestMs).toBe(900);
  now = 31_000;
  expect(meter.slowestMs).toBe(900);
  await last(40);
  now = 60_001;
  expect(meter.slowestMs).toBe(40);
  now = 200_000;
  expect(meter.slowestMs).toBe(0);
});

it('counts what fails, too', async () => {
  let now = 0;
  const meter = new DelayMeter(() => now);
  const failing = meter.time(async () => {
    now += 70;
    throw new Error('a disk');
  });
  await expect(failing).rejects.toThrow('a disk');
  expect(meter.slowestMs).toBe(70);
});
