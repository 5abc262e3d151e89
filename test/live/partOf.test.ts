/** A hub of which only some cameras may be used. */
import { expect, it, vi } from 'vitest';
import { cameraId } from '../../src/domain/ids.ts';
import { LiveHub, partOf } from '../../src/live/hub.ts';

const OWN = cameraId('front-door');
const FOREIGN = cameraId('back-yard');

it('gives what may be used; the rest is as unknown as what does not exist', () => {
  const hub = new LiveHub({ keepMs: 8_000, maxBytes: 1_000_000 });
  const [own] = [hub.open(OWN), hub.open(FOREIGN)];
  const part = partOf(hub, (camera) => camera === OWN);
  expect(part.get(OWN)).toBe(own);
  const refusal = (camera: string) => {
    try {
      return part.get(cameraId(camera));
    } catch (error) {
      return String(error).replace(camera, '…');
    }
  };
  expect(refusal(FOREIGN)).toBe(refusal('nowhere'));
  expect(refusal(FOREIGN)).toContain('There is no camera');
});

it('tells who watches when a camera goes', () => {
  const hub = new LiveHub({ keepMs: 8_000, maxBytes: 1_000_000 });
  const part = partOf(hub, () => true);
  const watcher = { dropped: vi.fn() };
  part.join(watcher);
  hub.drop(OWN);
  expect(watcher.dropped).toHaveBeenCalledWith(OWN);
  part.leave(watcher);
  hub.drop(FOREIGN);
  expect(watcher.dropped).toHaveBeenCalledTimes(1);
});
