import { expect, it } from 'vitest';
import { remuxText } from '../../src/media/containers.ts';

it.each([
  ['ts', 'avc1.64001f, mp4a.40.2', ['mpegtsmux', 'h264parse', 'aacparse']],
  ['mkv', 'hvc1.1.6.L93.B0,Opus', ['matroskamux', 'h265parse', 'opusparse']],
  ['ts', 'hev1.1.6.L93.B0', ['mpegtsmux', 'h265parse']],
] as const)('puts a .%s around %s', (container, codecs, elements) => {
  const text = remuxText(container, codecs);
  for (const element of elements) expect(text).toContain(element);
  expect(text.includes('audio_0')).toBe(elements.length === 3);
});

it('leaves sound out that has no place there, and says so of a picture', () => {
  expect(remuxText('ts', 'avc1.64001f,ac-3')).not.toContain('audio_0');
  expect(() => remuxText('mkv', 'av01.0.04M.08')).toThrow('av01 fits into no .mkv file.');
});
