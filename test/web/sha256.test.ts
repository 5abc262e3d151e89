/** The digest that is shown beside a clip is the one that anybody else computes of the file. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Sha256 } from '../../web/media/sha256.ts';

function expected(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

test.each([0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 1_000_003])('of %d bytes', (length) => {
  const bytes = Uint8Array.from({ length }, (_, index) => index * 31);
  const hash = new Sha256();
  hash.add(bytes);
  expect(hash.digest()).toBe(expected(bytes));
});

test('however the bytes are cut into pieces', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (pieces) => {
      const hash = new Sha256();
      for (const piece of pieces) hash.add(piece);
      expect(hash.digest()).toBe(expected(Buffer.concat(pieces)));
    }),
  );
});
