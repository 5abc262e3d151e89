import { describe, expect, it } from 'vitest';
import { runId } from '../../src/domain/ids.ts';
import { initialRecording, type RecordingState } from '../../src/domain/recording.ts';
import { initialSource, SOURCE_CAUSES, type SourceState } from '../../src/domain/source.ts';
import { cameraStatus, isRecordingAsWanted, type MediaStatus } from '../../src/domain/status.ts';
import { epochMs } from '../../src/domain/time.ts';

const sinceMs = epochMs(1_700_000_000_000);
const RUN = runId('6f1f7a53-0f0e-4a5c-8a76-52f1a3a0b111');
const MEDIA: MediaStatus = {
  format: { video: { codec: 'h264', width: 1920, height: 1080, fps: 25 }, audio: null },
  codecs: 'avc1.640028',
  runId: RUN,
  lastFragmentMs: sinceMs,
  lastDurableMs: null,
  driftPpm: 40,
  silent: null,
};

const tried = {
  generation: 3,
  sinceMs,
  attempt: 2,
  failures: { quick: 2, steady: 0, careful: 0 },
  reopens: 0,
};
const refused = { cause: 'unreachable', message: 'Connection refused' } as const;
const OFF: SourceState = initialSource(sinceMs);
const CONNECTING: SourceState = { name: 'connecting', ...tried, reached: false, trouble: refused };
const LIVE: SourceState = { name: 'live', ...tried };
const STALLED: SourceState = { name: 'stalled', ...tried };
const BACKOFF: SourceState = { name: 'backoff', ...tried, ...refused, retryMs: 500 };

const IDLE: RecordingState = initialRecording(sinceMs);
const known = { ...IDLE.known, mode: 'continuous', enabled: true } as const;
const WAITING: RecordingState = { name: 'waiting', reason: 'continuous', cause: 'storage', sinceMs, known };
const RECORDING: RecordingState = { name: 'recording', reason: 'manual', runId: RUN, sinceMs, known };

describe('cameraStatus', () => {
  it.each([
    [OFF, { attempt: 0, cause: null, message: null, retryMs: null }],
    [CONNECTING, { attempt: 2, ...refused, retryMs: null }],
    [
      { ...CONNECTING, trouble: null },
      { attempt: 2, cause: null, message: null, retryMs: null },
    ],
    [LIVE, { attempt: 2, cause: null, message: null, retryMs: null }],
    [STALLED, { attempt: 2, cause: 'stalled', message: SOURCE_CAUSES.stalled, retryMs: null }],
    [BACKOFF, { attempt: 2, ...refused, retryMs: 500 }],
  ] as const)('tells of a source %o', (source, expected) => {
    expect(cameraStatus(source, IDLE, MEDIA).source).toEqual({ state: source.name, sinceMs, ...expected });
  });

  it.each([
    [IDLE, { wanted: false, reason: null, cause: null }],
    [WAITING, { wanted: true, reason: 'continuous', cause: 'storage' }],
    [RECORDING, { wanted: true, reason: 'manual', cause: null }],
  ] as const)('tells of a recording %o', (recording, expected) => {
    const status = cameraStatus(LIVE, recording, MEDIA);
    expect(status.recording).toEqual({ state: recording.name, sinceMs, ...expected });
    expect(status).toMatchObject(MEDIA);
  });
});

describe('isRecordingAsWanted', () => {
  it.each([
    [OFF, IDLE, true],
    [LIVE, IDLE, true],
    [LIVE, RECORDING, true],
    [STALLED, RECORDING, false],
    [LIVE, WAITING, false],
    [BACKOFF, WAITING, false],
  ] as const)('of source %o and recording %o: %s', (source, recording, verdict) => {
    expect(isRecordingAsWanted(cameraStatus(source, recording, MEDIA))).toBe(verdict);
  });
});
