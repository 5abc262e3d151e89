/** The registry of viewers: what it lists, what it refuses, and that it ends each viewer once. */
import { describe, expect, it } from 'vitest';
import { cameraId } from '../../src/domain/ids.ts';
import { type EpochMs, epochMs } from '../../src/domain/time.ts';
import { type ViewerDraft, ViewerRegistry } from '../../src/live/viewers.ts';

const DOOR = cameraId('door');
const YARD = cameraId('yard');

function registry(mostPerUser = 10) {
  const time = { ms: 1_000 };
  const clock = { now: (): EpochMs => epochMs(time.ms), monotonic: () => time.ms };
  return { time, viewers: new ViewerRegistry(clock, mostPerUser) };
}

const draft = (changes: Partial<ViewerDraft> = {}): ViewerDraft => ({
  camera: DOOR,
  stream: 'main',
  transport: 'ws',
  user: 'ann',
  ...changes,
});
const ignore = () => {};

describe('the registry of viewers', () => {
  it('lists who watches what since when, and how it goes', () => {
    const { time, viewers } = registry();
    const ann = viewers.add(draft(), ignore);
    time.ms = 2_000;
    viewers.add(draft({ camera: YARD, transport: 'll-hls', user: 'bob' }), ignore);
    ann.update({ lagMs: 40 });
    ann.update({ skipped: 3 });
    expect(viewers.list()).toEqual([
      { ...draft(), id: ann.id, sinceMs: 1_000, lagMs: 40, skipped: 3 },
      expect.objectContaining({ camera: YARD, user: 'bob', sinceMs: 2_000, lagMs: 0, skipped: 0 }),
    ]);
    expect(viewers.list(YARD).map(({ user }) => user)).toEqual(['bob']);
    expect(viewers.get(ann.id).user).toBe('ann');
  });

  it('forgets who has stopped, however often that is said', () => {
    const { viewers } = registry();
    const ann = viewers.add(draft(), ignore);
    ann.end();
    ann.end();
    ann.update({ lagMs: 1 });
    expect(viewers.list()).toEqual([]);
    expect(() => viewers.get(ann.id)).toThrow('There is no viewer');
  });

  it('ends a viewer once', () => {
    const { viewers } = registry();
    let stopped = 0;
    const { id } = viewers.add(draft(), () => stopped++);
    viewers.end(id);
    expect(() => viewers.end(id)).toThrow(expect.objectContaining({ kind: 'not-found' }));
    expect(stopped).toBe(1);
    expect(viewers.list()).toEqual([]);
  });

  it('keeps who was ended from that camera for a minute, and nobody else', () => {
    const { time, viewers } = registry();
    viewers.end(viewers.add(draft(), ignore).id);
    expect(() => viewers.add(draft({ transport: 'hls' }), ignore)).toThrow(
      expect.objectContaining({ kind: 'forbidden' }),
    );
    viewers.add(draft({ camera: YARD }), ignore);
    viewers.add(draft({ user: 'bob' }), ignore);
    time.ms += 60_000;
    viewers.add(draft(), ignore);
    expect(viewers.list(DOOR).map(({ user }) => user)).toEqual(['bob', 'ann']);
  });

  it('refuses more than a user may have, and only that user', () => {
    const { viewers } = registry(2);
    viewers.add(draft(), ignore);
    const second = viewers.add(draft({ camera: YARD }), ignore);
    expect(() => viewers.add(draft(), ignore)).toThrow(
      expect.objectContaining({ kind: 'exhausted', field: 'viewers' }),
    );
    viewers.add(draft({ user: 'bob' }), ignore);
    second.end();
    viewers.add(draft(), ignore);
    expect(viewers.list()).toHaveLength(3);
  });
});
