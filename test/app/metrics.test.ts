/** What is counted of cameras and of the process, in the text that Prometheus reads, by a parser of others. */

import parsePrometheus from 'parse-prometheus-text-format';
import { afterEach, expect, test, vi } from 'vitest';
import { CameraMeters } from '../../src/app/cameraMeters.ts';
import { processMetrics } from '../../src/app/processMetrics.ts';
import { RateMeter } from '../../src/domain/rateMeter.ts';
import { epochMs } from '../../src/domain/time.ts';
import { expositionOf } from '../../src/http/metrics.ts';
import type { MetricFamily } from '../../src/http/ports.ts';
import { World } from '../cameras/world.ts';

afterEach(() => vi.useRealTimers());

/** Values by family and camera, as a stranger reads them. */
function read(families: readonly MetricFamily[]): Record<string, number> {
  const parsed = parsePrometheus(expositionOf(families));
  return Object.fromEntries(
    parsed.flatMap(({ name, metrics }) =>
      metrics.map(({ labels, value }) => [
        [name.replace('nightjar_camera_', ''), ...Object.values(labels ?? {})].join(' '),
        Number(value),
      ]),
    ),
  );
}

test('media, reconnects and gaps of a camera are counted', async () => {
  const meters = new CameraMeters({ now: () => epochMs(Date.now()), monotonic: () => performance.now() });
  const world = new World((around) => meters.overhear(around));
  const run = await world.live('front');
  await run.play(20_000);
  // Each fragment is half a second, a frame and a thousand bytes.
  expect(read(meters.families(world.fleet.list()))).toMatchObject({
    ...{ 'media_bytes_total front': 40_000, 'frames_total front': 40, 'fragments_total front': 40 },
    ...{ 'bitrate_bits_per_second front': 16_000, 'reconnects_total front': 0 },
  });
  run.fail('unreachable');
  await world.pass(30_000);
  world.run.begin();
  await world.run.play(1_000);
  const after = read(meters.families(world.fleet.list()));
  expect(after['reconnects_total front']).toBeGreaterThanOrEqual(1);
  expect(after['gap_seconds_total front']).toSatisfy((seconds: number) => seconds >= 30 && seconds <= 31);
  expect(after['fragments_total front']).toBe(42);
});

test('a gap that is open counts as it grows', async () => {
  const meters = new CameraMeters({ now: () => epochMs(Date.now()), monotonic: () => performance.now() });
  const world = new World((around) => meters.overhear(around));
  world.add('front');
  await world.pass(5_000);
  expect(read(meters.families(world.fleet.list()))['gap_seconds_total front']).toBe(5);
});

test('the process, the index and those who are told', () => {
  const families = processMetrics({
    databasePath: '/nowhere/nightjar.db',
    eventsLost: () => 3,
    alarms: () => 2,
    mqttOnline: () => true,
  });
  const values = read(families);
  expect(values).toMatchObject({
    nightjar_events_lost_total: 3,
    nightjar_alarms: 2,
    nightjar_mqtt_online: 1,
  });
  expect(values).not.toHaveProperty('nightjar_index_size_bytes');
  for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'process_open_fds'])
    expect(values[name], name).toBeGreaterThan(0);
});

test('a rate is of the seconds that are over', () => {
  const meter = new RateMeter();
  expect(meter.perSecond(0)).toBe(0);
  meter.add(100, 500);
  expect(meter.perSecond(900), 'this second is not over').toBe(0);
  meter.add(300, 1_500);
  expect(meter.perSecond(2_000)).toBe(200);
  for (let second = 2; second < 60; second += 1) meter.add(50, second * 1_000);
  expect(meter.perSecond(60_000)).toBe(50);
  expect(meter.perSecond(65_000), 'half of it was silent').toBeCloseTo((50 * 4) / 9);
  expect(meter.perSecond(80_000)).toBe(0);
});
