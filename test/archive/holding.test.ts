import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CameraStore } from '../../src/archive/cameraStore.ts';
import { Vault } from '../../src/archive/vault.ts';
import { cameraId } from '../../src/domain/ids.ts';
import { DEFAULT_POLICY } from '../../src/domain/retention.ts';
import { epochMs } from '../../src/domain/time.ts';
import { addSegment, openStock, present, retentionOf, settle } from './retentionSupport.ts';
import { FRONT, START_MS, temporaryFolder } from './support.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const NOTHING_HELD = expect.objectContaining({ kind: 'not-found' });

/** A camera with six minutes of footage that was deleted at the end of the last, and another that was not. */
function deleted({ holdMs = null as number | null, minutes = 6 } = {}) {
  const stock = openStock(temporaryFolder(), holdMs);
  const cameras = new CameraStore(stock.database, new Vault(randomBytes(32)));
  const source = { kind: 'test', width: 640, height: 360, fps: 25 } as const;
  const draft = { enabled: true, source, audio: true, mode: 'continuous' } as const;
  const other = cameraId('other');
  for (const id of [FRONT, other]) cameras.insert({ ...draft, id, name: `The ${id}` }, epochMs(START_MS));
  const files = Array.from({ length: minutes }, (_, minute) => addSegment(stock, minute));
  const kept = addSegment(stock, 0, { camera: other, runId: 2 });
  stock.clock.ms = minutes * MINUTE;
  cameras.remove(FRONT, 1, stock.clock.now());
  return { stock, cameras, files, kept };
}

const protect = ({ stock }: ReturnType<typeof deleted>, from: number, to: number) =>
  stock.protections.add({
    cameraId: FRONT,
    startMs: epochMs(START_MS + from * MINUTE),
    endMs: epochMs(START_MS + to * MINUTE),
    ...{ note: '', createdMs: epochMs(START_MS), createdBy: 'admin' },
  });

const rows = ({ stock }: ReturnType<typeof deleted>, table: string) =>
  stock.database.prepare<[], { count: number }>(`SELECT count(*) AS count FROM ${table}`).get()?.count;

describe('the holding area', () => {
  it('lists deleted cameras with what there is of them', () => {
    const held = deleted({ holdMs: 3 * DAY });
    protect(held, 0, 2);
    const deletedMs = START_MS + 6 * MINUTE;
    expect(held.stock.holding.list()).toEqual([
      {
        ...{ cameraId: FRONT, name: `The ${FRONT}`, segments: 6, bytes: 6000, protectedBytes: 2000 },
        ...{ oldestMs: START_MS, newestMs: deletedMs, deletedMs, purgeMs: deletedMs + 3 * DAY },
      },
    ]);
    expect(held.cameras.list().map(({ id }) => id)).toEqual(['other']);
  });

  it('keeps everything until its time is over, and then deletes it in slices', async () => {
    const held = deleted({ holdMs: 3 * DAY, minutes: 120 });
    const { stock, files, kept } = held;
    const retention = retentionOf(stock);
    stock.clock.ms += 3 * DAY - 1;
    await settle(retention);
    expect(present(files)).not.toContain(false);
    stock.clock.ms += 1;
    await retention.turn();
    expect(present(files).filter((there) => !there).length).toBeLessThanOrEqual(50);
    expect(await settle(retention)).toBeGreaterThan(1);
    expect(present(files)).not.toContain(true);
    expect(existsSync(kept)).toBe(true);
  });

  it('keeps everything for ever when it has no rule', async () => {
    const { stock, files } = deleted();
    const retention = retentionOf(stock);
    stock.clock.ms += 4000 * DAY;
    await settle(retention);
    expect(present(files)).not.toContain(false);
    expect(stock.holding.get(FRONT).purgeMs).toBeNull();
  });

  it('deletes on command, also what was guaranteed, and then forgets the camera', async () => {
    const held = deleted();
    const { stock, files, cameras } = held;
    stock.policies.set(FRONT, { ...DEFAULT_POLICY, minAgeMs: 100 * DAY });
    stock.database.execute(
      `INSERT INTO gap (camera_id, start_ms, end_ms, cause) VALUES ('${FRONT}', 1, 2, 'x')`,
    );
    expect(stock.holding.purge(FRONT, stock.clock.now()).purgeMs).toBe(stock.clock.now());
    const retention = retentionOf(stock);
    await settle(retention);
    expect(present(files)).not.toContain(true);
    expect(stock.holding.list()).toEqual([]);
    // The last file of a camera may still be being closed.
    expect(rows(held, 'held_camera')).toBe(1);
    stock.clock.ms += MINUTE;
    await retention.turn();
    expect([rows(held, 'held_camera'), rows(held, 'camera'), rows(held, 'gap'), rows(held, 'run')]).toEqual([
      0, 1, 0, 1,
    ]);
    expect(stock.policies.get(FRONT)).toEqual(DEFAULT_POLICY);
    expect(() => cameras.restore(FRONT, stock.clock.now())).toThrow(NOTHING_HELD);
  });

  it('leaves what is protected, until it no longer is', async () => {
    const held = deleted();
    const { stock, files } = held;
    const { id } = protect(held, 1, 3);
    stock.holding.purge(FRONT, stock.clock.now());
    const retention = retentionOf(stock);
    await settle(retention);
    expect(present(files)).toEqual([false, true, true, false, false, false]);
    expect(stock.holding.get(FRONT)).toMatchObject({ segments: 2, bytes: 2000, protectedBytes: 2000 });
    stock.protections.remove(FRONT, id);
    await settle(retention);
    expect(present(files)).not.toContain(true);
  });

  it('leaves the footage of a camera that is taken back before it is gone', async () => {
    const { stock, files, cameras } = deleted({ minutes: 120 });
    stock.holding.purge(FRONT, stock.clock.now());
    const retention = retentionOf(stock);
    await retention.turn();
    cameras.restore(FRONT, stock.clock.now());
    await settle(retention);
    expect(present(files).filter((there) => there).length).toBeGreaterThanOrEqual(70);
    expect(stock.holding.list()).toEqual([]);
  });

  it('names footage of a camera that nobody knows, and purges it', async () => {
    const { stock } = deleted();
    const lost = cameraId('lost');
    const file = addSegment(stock, 2, { camera: lost, runId: 3 });
    expect(stock.holding.get(lost)).toMatchObject({
      name: null,
      deletedMs: null,
      purgeMs: null,
      segments: 1,
    });
    stock.holding.purge(lost, stock.clock.now());
    await settle(retentionOf(stock));
    expect(existsSync(file)).toBe(false);
    expect(() => stock.holding.get(lost)).toThrow(NOTHING_HELD);
  });

  it('is not hurried by a clock that leaps ahead', async () => {
    const { stock, files } = deleted({ holdMs: 30 * DAY });
    const retention = retentionOf(stock);
    await retention.turn();
    stock.clock.leap(400 * DAY);
    await settle(retention);
    expect(present(files)).not.toContain(false);
  });
});
