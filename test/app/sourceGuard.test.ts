/** Sources at forbidden addresses are refused before anything is stored or asked. */
import { describe, expect, it, vi } from 'vitest';
import { expectConnectable, guardSources } from '../../src/app/sourceGuard.ts';
import type { CamerasPort } from '../../src/http/ports.ts';
import type { SourceInput } from '../../src/http/wire/source.ts';

const METADATA = '169.254.169.254';
const resolve = async (name: string) => [
  { address: name === 'rebound.example' ? METADATA : '192.168.0.7', family: 4 },
];

function guarded() {
  const called = vi.fn(async () => expect.anything());
  const port = new Proxy({} as CamerasPort, { ownKeys: () => [], get: () => called });
  return {
    cameras: guardSources(
      Object.assign({}, port, { create: called, update: called, probe: called, probePicture: called }),
      resolve,
    ),
    called,
  };
}

const SOURCES: readonly (readonly [SourceInput, boolean])[] = [
  [{ kind: 'rtsp', url: 'rtsp://192.168.0.7/a' }, true],
  [{ kind: 'rtsp', url: 'rtsp://127.0.0.1:8554/a' }, true],
  [{ kind: 'rtsp', url: 'rtsp://[::1]/a' }, true],
  [{ kind: 'rtsp', url: 'rtsp://camera.example/a' }, true],
  [{ kind: 'rtsp', url: `rtsp://${METADATA}/a` }, false],
  [{ kind: 'rtsp', url: `rtsp://admin:secret@${METADATA}:80/a` }, false],
  [{ kind: 'rtsp', url: 'rtsp://[::ffff:a9fe:a9fe]/a' }, false],
  [{ kind: 'rtsp', url: 'rtsp://0xa9fea9fe/a' }, false],
  [{ kind: 'rtsp', url: 'rtsp://rebound.example/a' }, false],
  [{ kind: 'http', url: `http://${METADATA}/latest/meta-data/` }, false],
  [{ kind: 'hls', url: 'https://rebound.example/a.m3u8' }, false],
  [{ kind: 'rtmp', url: `rtmp://${METADATA}/live/a` }, false],
  [{ kind: 'srt', url: `srt://${METADATA}:9000` }, false],
  [{ kind: 'udp', url: 'udp://239.1.2.3:5000' }, true],
  [{ kind: 'test' }, true],
];

describe.each(SOURCES)('%j', (source, allowed) => {
  const refusal = { kind: 'forbidden', field: 'source.url' };

  it.each([
    ['create', (cameras: CamerasPort) => cameras.create({ name: 'a', source })],
    ['update', (cameras: CamerasPort) => cameras.update(expect.anything(), { source }, null)],
    ['probe', (cameras: CamerasPort) => cameras.probe(source)],
    ['probePicture', (cameras: CamerasPort) => cameras.probePicture(source)],
  ] as const)('%s', async (_, act) => {
    const { cameras, called } = guarded();
    if (allowed) await act(cameras);
    else await expect(act(cameras)).rejects.toMatchObject(refusal);
    expect(called).toHaveBeenCalledTimes(allowed ? 1 : 0);
  });

  it('as a second stream', async () => {
    const { cameras } = guarded();
    const act = async () => await cameras.create({ name: 'a', source: { kind: 'test' }, sub: source });
    if (allowed) await expect(act()).resolves.toBeDefined();
    else await expect(act()).rejects.toMatchObject({ ...refusal, field: 'sub.url' });
  });
});

it('a stored source is judged again before each connection', async () => {
  const source = { kind: 'rtsp', url: 'rtsp://rebound.example/a', transport: 'tcp' } as const;
  await expect(expectConnectable(source, 'source', resolve)).rejects.toMatchObject({ kind: 'forbidden' });
});
