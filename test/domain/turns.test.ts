import { expect, it } from 'vitest';
import { Turns } from '../../src/domain/turns.ts';

it('does one thing after the other, in the order in which they came, also after a failure', async () => {
  const turns = new Turns();
  const done: string[] = [];
  const slow = turns.take(async () => {
    for (let i = 0; i < 5; i++) await Promise.resolve();
    done.push('slow');
    return 1;
  });
  const failing = turns.take(async () => {
    done.push('failing');
    throw new Error('no');
  });
  const last = turns.take(async () => done.push('last'));
  await expect(slow).resolves.toBe(1);
  await expect(failing).rejects.toThrow('no');
  await last;
  expect(done).toEqual(['slow', 'failing', 'last']);
});
