/** What is told of cameras that connect, record, fall silent and come back. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CameraEvents } from '../../src/app/cameraEvents.ts';
import type { EventDraft } from '../../src/domain/event.ts';
import { cameraId } from '../../src/domain/ids.ts';
import { World } from '../cameras/world.ts';

let told: EventDraft[];
let events: CameraEvents;
let world: World;
beforeEach(() => {
  told = [];
  events = new CameraEvents((draft) => told.push(draft));
  world = new World((around) => events.overhear(around));
});
afterEach(() => vi.useRealTimers());

const story = () =>
  told.splice(0).map(({ kind, cameraId: id, atMs, data, text }) => {
    expect(text).toMatch(/^\S.*\.$/);
    const { cause = null, reason = cause } = data ?? {};
    return `${id} ${kind} at ${(atMs ?? 0) - World.at(0)}${reason === null ? '' : `: ${reason}`}`;
  });

test('a camera that begins is online and recorded; the moment before its first frame is no news', async () => {
  const run = await world.live('front');
  await run.play(2_000);
  expect(story()).toEqual(['front recording-started at 0: continuous', 'front camera-online at 500']);
});

test('a camera that is lost and comes back', async () => {
  const run = await world.live('front');
  await run.play(2_000);
  story();
  run.fail('unreachable', 'No route to host.');
  expect(told.find(({ kind }) => kind === 'camera-offline')?.text).toBe('No route to host.');
  expect(story()).toEqual([
    'front recording-stopped at 2000: source-lost',
    'front gap-begun at 2000: unreachable',
    'front camera-offline at 2000: unreachable',
  ]);
  await world.pass(2_000);
  world.run.begin();
  await world.run.play(500);
  const back = story();
  expect(back.map((line) => line.replace(/ at \d+/, ''))).toEqual([
    'front gap-ended: unreachable',
    'front recording-started: continuous',
    'front camera-online',
  ]);
});

test('that it can’t be reached is told once, and that the reason is another', async () => {
  world.add('front');
  await world.pass(0);
  await world.answer({ ok: false, cause: 'unreachable', message: 'No route.' });
  expect(story()).toEqual(['front gap-begun at 0: unreachable', 'front camera-offline at 0: unreachable']);
  for (let tries = 0; tries < 20; tries += 1) await world.pass(30_000);
  expect(world.probes.length).toBeGreaterThan(10);
  expect(story()).toEqual([]);
  await vi.waitUntil(async () => {
    await world.pass(100);
    return world.status('front').source.state === 'connecting';
  });
  await world.answer({ ok: false, cause: 'unauthorised', message: 'Wrong password.' });
  expect(story()).toEqual([expect.stringContaining('front camera-offline')]);
});

test('a camera that never answers has a gap that is told after a moment', async () => {
  world.add('front');
  await world.pass(1_900);
  expect(story()).toEqual([]);
  await world.pass(200);
  expect(story()).toEqual(['front gap-begun at 0: connecting']);
});

test('a camera that is switched off is offline, and its recording ended', async () => {
  const run = await world.live('front');
  await run.play(1_000);
  story();
  world.fleet.update(cameraId('front'), { enabled: false }, null);
  await world.pass(0);
  expect(story()).toEqual(['front recording-stopped at 1000: disabled', 'front camera-offline at 1000']);
});

test('a camera that is deleted leaves nothing behind that speaks later', async () => {
  world.add('front');
  await world.pass(0);
  await world.fleet.remove(cameraId('front'), null);
  await world.pass(10_000);
  expect(story()).toEqual([]);
});

test('at a shutdown recordings end, and sources are not told to be lost', async () => {
  const run = await world.live('front');
  await run.play(1_000);
  story();
  events.close();
  await world.fleet.close();
  await world.pass(10_000);
  expect(story()).toEqual(['front recording-stopped at 1000: shutdown']);
});
