import { expect, it, vi } from 'vitest';
import { Tap } from '../../src/media/tap.ts';

it('forgets who could not be connected: later runs send nothing to ports that may be somebody else’s by then', () => {
  const tap = new Tap();
  const refuses = {
    audioCaps: null,
    disconnect: vi.fn(),
    connect: () => {
      throw new Error('no such element');
    },
  };
  tap.attach(refuses);
  expect(() => tap.listen({ video: 5_000, audio: null })).toThrow('no such element');
  const next = { audioCaps: null, connect: vi.fn(), disconnect: vi.fn() };
  tap.attach(next);
  expect(next.connect).not.toHaveBeenCalled();
});
