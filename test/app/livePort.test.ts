import { describe, expect, it } from 'vitest';
import { livePort } from '../../src/app/livePort.ts';
import { type CameraId, cameraId, runId, subKey } from '../../src/domain/ids.ts';
import { ticks } from '../../src/domain/ticks.ts';
import { epochMs } from '../../src/domain/time.ts';
import { HlsViewers } from '../../src/live/hlsViewers.ts';
import { LiveHub } from '../../src/live/hub.ts';
import { ViewerRegistry } from '../../src/live/viewers.ts';
import type { Track } from '../../src/mp4/types.ts';

const DOOR = cameraId('door');
const RUNS = {
  main: runId('6f1f7a53-0f0e-4a5c-8a76-52f1a3a0b111'),
  sub: runId('6f1f7a53-0f0e-4a5c-8a76-52f1a3a0b222'),
};
const CLOCK = { now: () => epochMs(1_700_000_000_000), monotonic: () => 0 };
const VIDEO: Track = {
  ...{ id: 1, kind: 'video', codec: 'avc1.64001f', timescale: 90_000, width: 640, height: 360 },
  ...{ sampleRate: 0, channels: 0 },
};

/** Six seconds of media in groups of two. */
function fill(hub: LiveHub, key: CameraId, run: (typeof RUNS)['main']): void {
  const bytes = Buffer.from('moof');
  for (let i = 0; i < 24; i++) {
    hub.open(key).push({
      runId: run,
      init: { bytes, video: VIDEO, audio: null, codecs: VIDEO.codec },
      startMs: epochMs(1_700_000_000_000 + i * 250),
      fragment: {
        ...{ sequence: i + 1, key: i % 8 === 0, chunks: [bytes], byteLength: bytes.length },
        ...{ startTicks: ticks(i * 22_500), durationTicks: ticks(22_500) },
        ...{ frames: 1, frameBytes: [4], frameDelays: [0] },
      },
    });
  }
}

const reports = (playlist: string) =>
  playlist.split('\n').filter((line) => line.startsWith('#EXT-X-RENDITION-REPORT'));

describe('the live playlist of a camera', () => {
  const client = { user: 'admin', player: 'test' };
  const question = { reload: null, skip: false };

  it('says where that of its other stream stands', async () => {
    const hub = new LiveHub({ keepMs: 8_000, maxBytes: 2 ** 20 });
    const port = livePort(hub, new HlsViewers(new ViewerRegistry(CLOCK, 10), CLOCK));
    fill(hub, DOOR, RUNS.main);
    expect(reports(await port.playlist(DOOR, question, client))).toEqual([]);
    fill(hub, subKey(DOOR), RUNS.sub);
    expect(reports(await port.playlist(DOOR, question, client))).toEqual([
      expect.stringMatching(/URI="playlist\.m3u8\?stream=sub",LAST-MSN=\d+,LAST-PART=\d+$/),
    ]);
    expect(reports(await port.playlist(subKey(DOOR), question, client))).toEqual([
      expect.stringMatching(/URI="playlist\.m3u8",LAST-MSN=\d+/),
    ]);
  });
});
