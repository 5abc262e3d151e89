import { describe, expect, it } from 'vitest';
import { cameraId, runId, segmentId, slug } from '../../src/domain/ids.ts';

describe('ids', () => {
  it.each(['a', 'front-door', 'cam-1-x9', `${'a'.repeat(64)}`])('takes %s as a camera id', (text) => {
    expect(cameraId(text)).toBe(text);
  });

  it.each(['', '-a', 'a-', 'A', '..', 'a/b', 'a b', 'ä', 'a'.repeat(65), '%2e', 'a\0'])(
    'refuses %j as a camera id',
    (text) => {
      expect(() => cameraId(text)).toThrow(expect.objectContaining({ kind: 'invalid', field: 'cameraId' }));
    },
  );

  it('takes only lower-case UUIDs as run ids', () => {
    expect(runId('6f1f7a53-0f0e-4a5c-8a76-52f1a3a0b111')).toBe('6f1f7a53-0f0e-4a5c-8a76-52f1a3a0b111');
    expect(() => runId('../../etc/passwd')).toThrow(expect.objectContaining({ kind: 'invalid' }));
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 53])('refuses %d as a segment id', (value) => {
    expect(() => segmentId(value)).toThrow(expect.objectContaining({ field: 'segmentId' }));
  });

  it.each([
    ['Front door', 'front-door'],
    ['  Garage #2 ', 'garage-2'],
    ['Café', 'cafe'],
    ['현관', ''],
  ])('slugs %j', (name, expected) => {
    expect(slug(name)).toBe(expected);
  });
});
