import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CameraStore } from '../../src/archive/cameraStore.ts';
import { Database } from '../../src/archive/database.ts';
import { migrate } from '../../src/archive/migrations.ts';
import { Vault } from '../../src/archive/vault.ts';
import type { CameraDraft } from '../../src/domain/camera.ts';
import { cameraId } from '../../src/domain/ids.ts';
import { epochMs } from '../../src/domain/time.ts';
import { encode, wallTime } from './fragments.ts';
import { beginRun, openArchive, START_MS, temporaryFolder } from './support.ts';

const FRONT: CameraDraft = {
  id: cameraId('front-door'),
  name: 'Front door',
  enabled: true,
  source: {
    kind: 'rtsp',
    url: 'rtsp://10.0.0.9/h264',
    username: 'admin',
    password: 'p@ss "w"',
    transport: 'tcp',
  },
  audio: true,
  mode: 'continuous',
};
const TEST: CameraDraft = {
  id: cameraId('test'),
  name: 'Test pattern',
  enabled: false,
  source: { kind: 'test', width: 640, height: 360, fps: 25 },
  audio: false,
  mode: 'manual',
};
const DEVICE: CameraDraft = {
  id: cameraId('bench'),
  name: 'Bench',
  enabled: true,
  source: { kind: 'v4l2', device: '/dev/video0', pixelFormat: 'NV16', audioDevice: 'hw:4,0' },
  sub: { kind: 'srt', url: 'srt://10.0.0.9:9000', role: 'caller', password: 'ten letters', latencyMs: 125 },
  encode: {
    keyframeSeconds: 2,
    preset: 'fast',
    overlay: { clock: '%T', position: 'top-left', fontSize: 18 },
  },
  onDemand: true,
  segmentSeconds: 10,
  group: 'Workshop',
  tags: ['bench', 'indoor'],
  position: 0,
  audio: true,
  mode: 'manual',
};
const at = (ms: number) => epochMs(1_700_000_000_000 + ms);

function prepared() {
  const database = Database.open(':memory:');
  migrate(database);
  return { database, cameras: new CameraStore(database, new Vault(randomBytes(32))) };
}

describe('CameraStore', () => {
  it.each([
    FRONT,
    TEST,
    DEVICE,
    { ...FRONT, source: { kind: 'rtsp', url: 'rtsp://h/', transport: 'udp' } } as const,
  ])('gives back what it was given: $name', (draft) => {
    const { cameras } = prepared();
    const camera = cameras.insert(draft, at(0));
    expect(camera).toEqual({ ...draft, revision: 1, createdMs: at(0), updatedMs: at(0) });
    expect(cameras.get(draft.id)).toEqual(camera);
    expect(cameras.list()).toEqual([camera]);
  });

  it('keeps the secret of the second stream apart as well', () => {
    const { cameras, database } = prepared();
    cameras.insert(DEVICE, at(0));
    const row = database
      .prepare<[], { extras: string; sub_password: string }>('SELECT extras, sub_password FROM camera')
      .get();
    expect(row?.sub_password).toMatch(/^v1\./);
    expect(row?.sub_password).not.toContain('letters');
    expect(row?.extras).not.toContain('letters');
  });

  it('keeps the password apart from the rest of the source', () => {
    const { cameras, database } = prepared();
    cameras.insert(FRONT, at(0));
    const row = database
      .prepare<[], { source: string; password: string }>('SELECT source, password FROM camera')
      .get();
    expect(row?.password).toMatch(/^v1\./);
    expect(row?.password).not.toContain('p@ss');
    expect(row?.source).not.toContain('p@ss');
  });

  it('lists the oldest first', () => {
    const { cameras } = prepared();
    cameras.insert(TEST, at(0));
    cameras.insert(FRONT, at(1));
    expect(cameras.list().map(({ id }) => id)).toEqual(['test', 'front-door']);
  });

  it('refuses an id that is taken', () => {
    const { cameras } = prepared();
    cameras.insert(FRONT, at(0));
    expect(() => cameras.insert({ ...TEST, id: FRONT.id }, at(1))).toThrow(
      expect.objectContaining({ kind: 'conflict', field: 'id' }),
    );
    expect(cameras.get(FRONT.id).name).toBe('Front door');
  });

  it('changes a camera only from the revision it is at', () => {
    const { cameras } = prepared();
    cameras.insert(FRONT, at(0));
    const changed = cameras.update({ ...FRONT, name: 'Back door', source: TEST.source }, 1, at(5));
    expect(changed).toMatchObject({ name: 'Back door', revision: 2, createdMs: at(0), updatedMs: at(5) });
    expect(changed.source).toEqual(TEST.source);
    expect(() => cameras.update({ ...FRONT, name: 'Late' }, 1, at(6))).toThrow(
      expect.objectContaining({ kind: 'conflict' }),
    );
    expect(() => cameras.remove(FRONT.id, 1, at(6))).toThrow(expect.objectContaining({ kind: 'conflict' }));
    expect(cameras.get(FRONT.id)).toEqual(changed);
  });

  it('does not give the id of footage that is still there to another camera', async () => {
    const archive = await openArchive(temporaryFolder());
    const media = encode(1, false);
    archive.cameras.insert(FRONT, at(0));
    const writer = archive.writer(beginRun(archive, media), () => undefined);
    for (const fragment of media.fragments) writer.append(fragment, wallTime(START_MS, fragment));
    await writer.end();
    archive.cameras.remove(FRONT.id, 1, at(1));
    expect(() => archive.cameras.insert(FRONT, at(1))).toThrow(
      expect.objectContaining({ kind: 'conflict', field: 'id' }),
    );
    await archive.close();
  });

  it('removes a camera once', () => {
    const { cameras } = prepared();
    cameras.insert(FRONT, at(0));
    cameras.remove(FRONT.id, 1, at(1));
    const notFound = expect.objectContaining({ kind: 'not-found' });
    expect(() => cameras.get(FRONT.id)).toThrow(notFound);
    expect(() => cameras.remove(FRONT.id, 1, at(2))).toThrow(notFound);
    expect(() => cameras.update(FRONT, 1, at(1))).toThrow(notFound);
    expect(cameras.list()).toEqual([]);
  });

  it('restores a camera as it was', () => {
    const { cameras } = prepared();
    const before = cameras.insert(FRONT, at(0));
    cameras.remove(FRONT.id, 1, at(1));
    expect(cameras.restore(FRONT.id, at(2))).toEqual({ ...before, revision: 2, updatedMs: at(2) });
    expect(cameras.list()).toHaveLength(1);
    expect(() => cameras.restore(FRONT.id, at(3))).toThrow(expect.objectContaining({ kind: 'not-found' }));
  });

  it('gives the id of a camera that left nothing to another', () => {
    const { cameras } = prepared();
    cameras.insert(FRONT, at(0));
    cameras.remove(FRONT.id, 1, at(1));
    expect(cameras.insert({ ...TEST, id: FRONT.id }, at(2))).toMatchObject({
      name: 'Test pattern',
      revision: 1,
    });
    expect(() => cameras.restore(FRONT.id, at(3))).toThrow(expect.objectContaining({ kind: 'not-found' }));
  });
});
