import { beforeEach, describe, expect, it } from 'vitest';
import { cameraId, runId } from '../../src/domain/ids.ts';
import { ticks } from '../../src/domain/ticks.ts';
import type { EpochMs } from '../../src/domain/time.ts';
import { LiveHub } from '../../src/live/hub.ts';
import { HEADER_BYTES, MEDIA_KINDS } from '../../src/live/protocol.ts';
import { LiveSession } from '../../src/live/session.ts';
import { ViewerRegistry } from '../../src/live/viewers.ts';
import type { InitSegment, RunFragment } from '../../src/mp4/types.ts';

const CAMERA = cameraId('door');
const RUN = runId('6f1f7a53-0f0e-4a5c-8a76-52f1a3a0b111');
const NEXT_RUN = runId('6f1f7a53-0f0e-4a5c-8a76-52f1a3a0b222');
const NOW = 1_700_000_000_000 as EpochMs;
const clock = { now: () => NOW, monotonic: () => 0 };

const INIT: InitSegment = {
  bytes: Buffer.from('init'),
  video: {
    id: 1,
    kind: 'video',
    codec: 'avc1.64001f',
    timescale: 90_000,
    width: 640,
    height: 360,
    sampleRate: 0,
    channels: 0,
  },
  audio: null,
  codecs: 'avc1.64001f',
};

function entry(sequence: number, key: boolean, run = RUN): RunFragment {
  const chunks = [Buffer.from(`moof${sequence}`), Buffer.from('mdat')];
  const byteLength = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const startTicks = ticks((sequence - 1) * 22_500);
  const fragment = {
    sequence,
    key,
    startTicks,
    durationTicks: ticks(22_500),
    chunks,
    byteLength,
    frames: 6,
    frameBytes: [],
    frameDelays: [],
  };
  return { runId: run, init: INIT, fragment, startMs: (NOW + sequence * 250) as EpochMs };
}

/** A connection that keeps what it was given. */
class Heard {
  readonly messages: Record<string, unknown>[] = [];
  readonly media: { kind: number; channel: number; ticks: bigint; wallMs: bigint; body: string }[] = [];
  closed: [number, string] | null = null;
  queuedBytes = 0;

  text(message: string): void {
    this.messages.push(JSON.parse(message));
  }
  binary(header: Buffer, body: Buffer): void {
    expect(header.length).toBe(HEADER_BYTES);
    expect(header[0]).toBe(1);
    this.media.push({
      kind: header.readUInt8(1),
      channel: header.readUInt16BE(2),
      ticks: header.readBigUInt64BE(4),
      wallMs: header.readBigUInt64BE(12),
      body: body.toString(),
    });
  }
  close(code: number, reason: string): void {
    this.closed = [code, reason];
  }
  bodies(): string[] {
    return this.media.map(({ body }) => body);
  }
}

describe('a live session', () => {
  let hub: LiveHub;
  let viewers: ViewerRegistry;
  let heard: Heard;
  let session: LiveSession;
  const say = (message: object) => session.receive(JSON.stringify(message));
  const push = (sequence: number, key: boolean, run = RUN) =>
    hub.open(CAMERA).push(entry(sequence, key, run));

  beforeEach(() => {
    hub = new LiveHub({ keepMs: 8_000, maxBytes: 1_000_000 });
    viewers = new ViewerRegistry(clock, 100);
    hub.open(CAMERA);
    heard = new Heard();
    session = new LiveSession(hub, viewers, heard, 'ann');
  });

  it('sends the init segment and everything since the newest keyframe at once, then each fragment', () => {
    push(1, true);
    push(2, true);
    push(3, false);
    say({ type: 'subscribe', camera: CAMERA, stream: 'main' });
    push(4, false);
    expect(heard.messages).toEqual([
      { type: 'subscribed', camera: CAMERA, channel: 1 },
      { type: 'init', channel: 1, runId: RUN, codecs: 'avc1.64001f', width: 640, height: 360 },
    ]);
    expect(heard.bodies()).toEqual(['init', 'moof2mdat', 'moof3mdat', 'moof4mdat']);
    const { init, fragment, key } = MEDIA_KINDS;
    expect(heard.media.map(({ kind }) => kind)).toEqual([init, key, fragment, fragment]);
    expect(heard.media[1]).toMatchObject({ channel: 1, ticks: 22_500n, wallMs: BigInt(NOW + 500) });
  });

  it('sends a new init segment when a new run begins', () => {
    push(1, true);
    say({ type: 'subscribe', camera: CAMERA });
    push(1, true, NEXT_RUN);
    expect(heard.messages.filter(({ type }) => type === 'init').map(({ runId: run }) => run)).toEqual([
      RUN,
      NEXT_RUN,
    ]);
    expect(heard.bodies()).toEqual(['init', 'moof1mdat', 'init', 'moof1mdat']);
  });

  it('skips a client that lags forward to a keyframe and tells it so', () => {
    push(1, true);
    say({ type: 'subscribe', camera: CAMERA });
    heard.queuedBytes = 5 * 2 ** 20;
    push(2, false);
    push(3, true);
    heard.queuedBytes = 0;
    push(4, false);
    push(5, true);
    push(6, false);
    expect(heard.bodies()).toEqual(['init', 'moof1mdat', 'moof5mdat', 'moof6mdat']);
    expect(heard.messages.at(-1)).toEqual({ type: 'skipped', channel: 1, fragments: 3 });
    expect(viewers.list(CAMERA)).toEqual([
      expect.objectContaining({ user: 'ann', transport: 'ws', sinceMs: NOW, lagMs: 0, skipped: 3 }),
    ]);
  });

  it('says how far a client is behind, by what waits for it and by what it was not sent', () => {
    push(1, true);
    say({ type: 'subscribe', camera: CAMERA });
    heard.queuedBytes = 40;
    push(2, false);
    push(3, false);
    const lag = () => viewers.list()[0]?.lagMs;
    expect(lag()).toBe(250);
    heard.queuedBytes = 5 * 2 ** 20;
    push(4, false);
    push(5, false);
    expect(lag()).toBe(750);
  });

  it('is ended by somebody else, and does not get the camera again for a minute', () => {
    say({ type: 'subscribe', camera: CAMERA });
    viewers.end(viewers.list()[0]?.id ?? 0);
    expect(heard.messages.at(-1)).toEqual({ type: 'ended', channel: 1, cause: 'closed' });
    say({ type: 'subscribe', camera: CAMERA });
    expect(heard.messages.at(-1)).toMatchObject({ type: 'error', camera: CAMERA });
    expect(viewers.list()).toEqual([]);
  });

  it('pauses, and resumes from the newest keyframe', () => {
    push(1, true);
    say({ type: 'subscribe', camera: CAMERA });
    say({ type: 'pause', camera: CAMERA });
    push(2, true);
    push(3, false);
    expect(heard.bodies()).toEqual(['init', 'moof1mdat']);
    say({ type: 'resume', camera: CAMERA });
    expect(heard.bodies()).toEqual(['init', 'moof1mdat', 'moof2mdat', 'moof3mdat']);
  });

  it('gives nothing more to a client that asks again and again and takes nothing, until it has', () => {
    push(1, true);
    push(2, false);
    say({ type: 'subscribe', camera: CAMERA });
    heard.queuedBytes = 65 * 2 ** 20;
    for (let i = 0; i < 1_000; i++) {
      say({ type: 'subscribe', camera: CAMERA });
      say({ type: 'pause', camera: CAMERA });
      say({ type: 'resume', camera: CAMERA });
    }
    expect(heard.bodies()).toEqual(['init', 'moof1mdat', 'moof2mdat']);
    heard.queuedBytes = 0;
    push(3, false);
    push(4, true);
    expect(heard.bodies().slice(3)).toEqual(['init', 'moof4mdat']);
  });

  it('ends a channel when it is unsubscribed and when its camera is deleted', () => {
    say({ type: 'subscribe', camera: CAMERA });
    say({ type: 'unsubscribe', camera: CAMERA });
    push(1, true);
    say({ type: 'subscribe', camera: CAMERA });
    hub.drop(CAMERA);
    expect(heard.messages.filter(({ type }) => type === 'ended')).toEqual([
      { type: 'ended', channel: 1, cause: 'unsubscribed' },
      { type: 'ended', channel: 2, cause: 'deleted' },
    ]);
    expect(viewers.list()).toEqual([]);
  });

  it.each([
    'garbage',
    '[]',
    'null',
    '{"type":"shout","camera":"door"}',
    '{"type":"subscribe"}',
    '{"type":"subscribe","camera":"../etc"}',
    '{"type":"subscribe","camera":"door","stream":"other"}',
    '{"type":"subscribe","camera":"door","extra":1}',
    '{"type":"subscribe","camera":"unknown"}',
    '{"type":"resume","camera":"door"}',
  ])('answers %s with an error and goes on', (text) => {
    session.receive(text);
    expect(heard.messages).toEqual([expect.objectContaining({ type: 'error', detail: expect.any(String) })]);
    expect(heard.closed).toBeNull();
  });

  it('closes a client that makes one mistake after the other, 10,000 subscribes included', () => {
    for (let i = 0; i < 10_000; i++) {
      hub.open(cameraId(`cam-${i}`));
      say({ type: 'subscribe', camera: `cam-${i}` });
    }
    expect(heard.messages.filter(({ type }) => type === 'subscribed')).toHaveLength(64);
    expect(heard.closed).toEqual([1008, 'Too many mistakes.']);
  });

  it('hears nothing any more once it is closed', () => {
    push(1, true);
    say({ type: 'subscribe', camera: CAMERA });
    session.close();
    session.close();
    push(2, true);
    expect(heard.bodies()).toEqual(['init', 'moof1mdat']);
  });
});
