/** What is said of a camera: whether it is kept, what its tile shows, how tiles share the wall. */
import { describe, expect, test } from 'vitest';
import type { CameraView } from '../../types/api.ts';
import { draftOf, EMPTY_ENCODE, inputOf, patchOf } from '../../web/cameras/draft.ts';
import { retentionBody, retentionDraftOf, STANDARD_RETENTION } from '../../web/cameras/retentionDraft.ts';
import { scheduleBody, scheduleDraftOf } from '../../web/cameras/scheduleDraft.ts';
import { emptySource, withKind } from '../../web/cameras/sourceDraft.ts';
import { addressOf, hostOf, subAddressOf, TEMPLATES } from '../../web/cameras/templates.ts';
import { keepingOf, tallyOf } from '../../web/core/recordingState.ts';
import { bestGrid, gridOf, tileWidth } from '../../web/live/layout.ts';
import { pictureOf } from '../../web/live/tileState.ts';
import { nextMonth, weeksOf } from '../../web/playback/month.ts';

const NOW = 1_800_000_000_000;

type Source = CameraView['status']['source'];
type Recording = CameraView['status']['recording'];

interface Traits {
  readonly source?: Partial<Source>;
  readonly recording?: Partial<Recording>;
  readonly lastDurableMs?: number | null;
  readonly enabled?: boolean;
}

function camera({ source, recording, lastDurableMs = NOW - 2_000, enabled = true }: Traits = {}): CameraView {
  return {
    id: 'door',
    name: 'Door',
    enabled,
    source: {
      kind: 'rtsp',
      url: 'rtsp://10.0.0.2:554/a',
      username: 'vera',
      hasPassword: true,
      transport: 'tcp',
    },
    audio: true,
    mode: 'continuous',
    revision: 3,
    createdMs: 0,
    updatedMs: 0,
    status: {
      source: {
        state: 'live',
        sinceMs: NOW - 60_000,
        attempt: 0,
        cause: null,
        message: null,
        retryMs: null,
        ...source,
      },
      recording: {
        state: 'recording',
        wanted: true,
        reason: 'continuous',
        cause: null,
        sinceMs: NOW - 60_000,
        ...recording,
      },
      format: null,
      codecs: null,
      runId: null,
      lastFragmentMs: NOW - 1_000,
      lastDurableMs,
      driftPpm: null,
    },
  };
}

describe('whether a camera is kept', () => {
  test.each([
    ['recording, and on the disk', camera(), 'recording'],
    ['live, but nothing has reached the disk for long', camera({ lastDurableMs: NOW - 60_000 }), 'failing'],
    [
      'recording since a moment',
      camera({ recording: { sinceMs: NOW - 1_000 }, lastDurableMs: null }),
      'starting',
    ],
    ['recording for long without a byte', camera({ lastDurableMs: null }), 'failing'],
    [
      'an old fragment does not count for a new recording',
      camera({ lastDurableMs: NOW - 61_000 }),
      'failing',
    ],
    [
      'waiting for its first key frame',
      camera({ recording: { state: 'waiting', sinceMs: NOW - 1_000 } }),
      'starting',
    ],
    ['waiting for too long', camera({ recording: { state: 'waiting' } }), 'failing'],
    [
      'waiting for a camera that is gone',
      camera({ recording: { state: 'waiting', sinceMs: NOW - 1_000 }, source: { state: 'backoff' } }),
      'failing',
    ],
    ['not wanted', camera({ recording: { state: 'idle', wanted: false } }), 'idle'],
  ])('%s', (_what, view, keeping) => {
    expect(keepingOf(view, NOW)).toBe(keeping);
  });

  test('counts who should record and who does', () => {
    const failing = camera({ lastDurableMs: null });
    const idle = camera({ recording: { state: 'idle', wanted: false } });
    expect(tallyOf([camera(), failing, idle], NOW)).toEqual({ recording: 1, wanted: 2, failing: [failing] });
  });
});

describe('what a tile shows', () => {
  const opening = { kind: 'opening' } as const;
  test.each([
    ['live and playing', camera(), { kind: 'playing' } as const, { kind: 'live' }],
    ['live, no picture yet', camera(), opening, { kind: 'loading' }],
    ['a click is wanted', camera(), { kind: 'blocked' } as const, { kind: 'blocked' }],
    [
      'first attempt',
      camera({ source: { state: 'connecting' } }),
      opening,
      { kind: 'connecting', attempt: 1 },
    ],
    [
      'silent',
      camera({ source: { state: 'stalled' } }),
      opening,
      { kind: 'no-signal', sinceMs: NOW - 1_000 },
    ],
    [
      'gone',
      camera({ source: { state: 'backoff', cause: 'unreachable', message: 'No.' } }),
      { kind: 'playing' } as const,
      { kind: 'offline', sinceMs: NOW - 1_000, cause: 'unreachable', message: 'No.' },
    ],
    [
      'gone, and being tried again',
      camera({ source: { state: 'connecting', attempt: 2, cause: 'unreachable', message: 'No.' } }),
      opening,
      { kind: 'offline', sinceMs: NOW - 1_000, cause: 'unreachable', message: 'No.' },
    ],
    ['switched off', camera({ enabled: false }), opening, { kind: 'off' }],
    [
      'another codec',
      camera(),
      { kind: 'unsupported', codecs: 'hvc1' } as const,
      { kind: 'unsupported', codecs: 'hvc1' },
    ],
  ])('%s', (_what, view, player, picture) => {
    expect(pictureOf(view, player)).toEqual(picture);
  });
});

describe('how tiles share the wall', () => {
  test.each([
    [1, 1_340, 760, { columns: 1, rows: 1 }],
    [4, 1_340, 760, { columns: 2, rows: 2 }],
    [9, 1_340, 760, { columns: 3, rows: 3 }],
    [16, 1_340, 760, { columns: 4, rows: 4 }],
    [4, 390, 690, { columns: 1, rows: 4 }],
    [9, 390, 690, { columns: 2, rows: 5 }],
  ])('%d on %d × %d', (count, width, height, grid) => {
    expect(bestGrid(count, width, height, 6)).toEqual(grid);
  });

  test('another camera never makes tiles larger', () => {
    for (let count = 1; count < 32; count++) {
      const widthOf = (tiles: number) => tileWidth(bestGrid(tiles, 1_340, 760, 6), 1_340, 760, 6);
      expect(widthOf(count + 1)).toBeLessThanOrEqual(widthOf(count) + 0.5);
    }
  });

  test('one large and five small lie in three rows of three', () => {
    expect(gridOf('6', 6, 1_340, 760, 6)).toEqual({ columns: 3, rows: 3 });
  });
});

describe('what is sent of a camera that was changed', () => {
  const before = camera();
  const draft = draftOf(before);

  test('nothing, when nothing was changed', () => {
    expect(patchOf(draft, before)).toBeNull();
  });

  test('a new name leaves the source alone', () => {
    expect(patchOf({ ...draft, name: ' Gate ' }, before)).toEqual({ name: 'Gate' });
    const placed = { ...before, group: 'Yard', tags: ['a', 'b'], position: 2 };
    expect(patchOf({ ...draftOf(placed), tags: 'a', position: '' }, placed)).toEqual({
      tags: ['a'],
      position: null,
    });
  });

  test('a new address keeps the password that is stored', () => {
    const source = { ...draft.source, url: 'rtsp://10.0.0.3/b' };
    expect(patchOf({ ...draft, source }, before)).toEqual({
      source: { kind: 'rtsp', url: 'rtsp://10.0.0.3/b' },
    });
  });

  test('without its user, its password goes as well', () => {
    const source = { ...draft.source, username: '' };
    expect(patchOf({ ...draft, source }, before)).toEqual({
      source: { kind: 'rtsp', username: null, password: null },
    });
  });

  test('another kind is sent whole', () => {
    const source = { ...withKind(draft.source, 'srt'), latencyMs: ' 200 ', streamId: 'door' };
    expect(patchOf({ ...draft, source }, before)).toEqual({
      source: {
        kind: 'srt',
        url: 'srt://10.0.0.2:554/a',
        role: 'caller',
        streamId: 'door',
        latencyMs: 200,
      },
    });
  });

  test('a smaller stream and an encoding are added, and taken away', () => {
    const sub = { ...emptySource('rtsp'), url: 'rtsp://10.0.0.2/sub' };
    const encode = { ...EMPTY_ENCODE, width: '1280', clock: true };
    expect(patchOf({ ...draft, sub, encode }, before)).toEqual({
      sub: { kind: 'rtsp', url: 'rtsp://10.0.0.2/sub', transport: 'tcp' },
      encode: {
        preset: 'balanced',
        width: 1280,
        overlay: { clock: '%Y-%m-%d %H:%M:%S', position: 'top-left' },
      },
    });
    const with2 = {
      ...before,
      sub: before.source,
      encode: { preset: 'fast', keyframeSeconds: 2 } as const,
    };
    expect(patchOf({ ...draftOf(with2), sub: null, encode: null }, with2)).toEqual({
      sub: null,
      encode: null,
    });
  });

  test('what the form does not ask of an encoding stays as it is', () => {
    const overlay = { clock: '%H:%M', text: 'Gate', position: 'top-right', fontSize: 40 } as const;
    const encoded = { ...before, encode: { preset: 'fast', keyframeSeconds: 5, overlay } } as const;
    const { encode, ...rest } = draftOf(encoded);
    expect(encode && patchOf({ ...rest, encode: { ...encode, text: 'Yard' } }, encoded)).toEqual({
      encode: { preset: 'fast', keyframeSeconds: 5, overlay: { ...overlay, text: 'Yard' } },
    });
  });

  test('a new camera has no empty fields', () => {
    expect(
      inputOf({
        ...draftOf(null),
        name: 'Gate',
        source: { ...emptySource('rtsp'), url: ' rtsp://10.0.0.3/b ' },
      }),
    ).toEqual({
      name: 'Gate',
      audio: true,
      enabled: true,
      mode: 'continuous',
      source: { kind: 'rtsp', url: 'rtsp://10.0.0.3/b', transport: 'tcp' },
    });
  });
});

test.each([
  ['192.168.1.20', '192.168.1.20'],
  ['rtsp://', null],
  ['rtsp://user:pw@cam.local:8554/x', 'cam.local'],
  ['rtsp://[fe80::1]:554/x', '[fe80::1]'],
  ['', null],
])('the host of "%s" is %s', (url, host) => {
  expect(hostOf(url)).toBe(host);
});

test('every maker has an address that can be read', () => {
  for (const template of TEMPLATES) {
    expect(URL.canParse(addressOf(template, 'cam.local'))).toBe(true);
    expect(subAddressOf(template, 'cam.local')).not.toBe(addressOf(template, 'cam.local'));
  }
});

test('a schedule is sent as it was read, and a date with two ranges as one', () => {
  const weekly = [{ days: [1, 2], from: '18:00', to: '08:00' }];
  const exceptions = [
    { date: '2026-12-24', ranges: [] },
    {
      date: '2026-12-25',
      ranges: [
        { from: '00:00', to: '06:00' },
        { from: '20:00', to: '24:00' },
      ],
    },
  ];
  const view = { weekly, exceptions, override: null, wanted: true, nextChangeMs: null };
  expect(scheduleBody(scheduleDraftOf(view), view)).toEqual({ weekly, exceptions, override: null });
});

test('a range without a day is sent, so that it is refused and not forgotten', () => {
  const range = { days: [], from: '18:00', to: '08:00' };
  expect(scheduleBody({ weekly: [range], exceptions: [] }, null).weekly).toEqual([range]);
});

test('a priority that is no priority is not turned into another', () => {
  const draft = retentionDraftOf(STANDARD_RETENTION);
  expect(retentionBody({ ...draft, priority: '0' }).priority).toBe(0);
  expect(retentionBody({ ...draft, priority: ' ' }).priority).toBe(50);
});

test('what is kept is typed in days and gigabytes', () => {
  const draft = { ...retentionDraftOf(STANDARD_RETENTION), maxDays: '30', minGigabytes: '1.5' };
  expect(retentionBody(draft)).toEqual({
    maxAgeMs: 2_592_000_000,
    maxBytes: null,
    minAgeMs: null,
    minBytes: 1_500_000_000,
    priority: 50,
  });
});

test('months are whole weeks from Monday on', () => {
  const weeks = weeksOf('2026-11-01');
  expect(weeks).toHaveLength(6);
  expect(weeks[0]).toEqual([
    '2026-10-26',
    '2026-10-27',
    '2026-10-28',
    '2026-10-29',
    '2026-10-30',
    '2026-10-31',
    '2026-11-01',
  ]);
  expect(nextMonth('2026-12-01', 1)).toBe('2027-01-01');
  expect(nextMonth('2026-01-01', -1)).toBe('2025-12-01');
});
