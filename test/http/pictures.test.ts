/** How pictures may be cached, and what is said where there are none. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { NvrError } from '../../src/domain/errors.ts';
import { type Harness, problemOf, startHarness } from './harness.ts';
import { PICTURE_MS, SNAPSHOT } from './picturePorts.ts';

const SNAPSHOT_URL = '/api/v1/cameras/front-door/snapshot.jpg';
const FOREVER = 'private, max-age=31536000, immutable';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(async () => {
  await harness.close();
});
afterEach(() => {
  harness.calls.length = 0;
  harness.answers.clear();
});

describe('a snapshot', () => {
  it('of the past is kept for ever; it says when it was taken', async () => {
    const answer = await harness.as('viewer', { url: `${SNAPSHOT_URL}?t=1774738800000` });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'image/jpeg',
      'cache-control': FOREVER,
      etag: '"picture-1"',
      'nightjar-time': String(PICTURE_MS),
    });
  });

  it('of now is not kept', async () => {
    harness.answers.set('snapshot', () => ({ ...SNAPSHOT, final: false }));
    const answer = await harness.as('viewer', { url: SNAPSHOT_URL });
    expect(harness.calls).toEqual([['snapshot', 'front-door', { atMs: null, width: null }]]);
    expect([answer.body, answer.headers['cache-control']]).toEqual(['a jpeg', 'no-store']);
  });

  it('is neither decoded nor sent for whoever has it', async () => {
    let decoded = 0;
    const read = async () => {
      decoded++;
      return Buffer.from('a jpeg');
    };
    harness.answers.set('snapshot', () => ({ ...SNAPSHOT, read }));
    const headers = { 'if-none-match': '"other", W/"picture-1"' };
    const again = await harness.as('viewer', { url: SNAPSHOT_URL, headers });
    expect([again.statusCode, again.body, again.headers.etag, decoded]).toEqual([304, '', '"picture-1"', 0]);
    const changed = await harness.as('viewer', {
      url: SNAPSHOT_URL,
      headers: { 'if-none-match': '"other"' },
    });
    expect([changed.statusCode, decoded]).toEqual([200, 1]);
  });

  it('answers HEAD with its headers', async () => {
    const answer = await harness.as('viewer', { method: 'HEAD', url: SNAPSHOT_URL });
    expect([answer.statusCode, answer.body, answer.headers['content-length']]).toEqual([200, '', '6']);
    expect(answer.headers.etag).toBe('"picture-1"');
  });

  it.each([
    ['not-found', 404, 'Nothing was recorded then. The footage before ends at 2026-03-29 02:00:00.'],
    ['conflict', 409, 'The camera delivers no picture now.'],
    ['unavailable', 503, 'The picture could not be decoded.'],
  ] as const)('that is %s is a %i in words', async (kind, status, words) => {
    harness.answers.set('snapshot', () => {
      throw new NvrError(kind, words, { field: 't' });
    });
    const answer = await harness.as('viewer', { url: `${SNAPSHOT_URL}?t=5` });
    expect(problemOf(answer)).toMatchObject({ status, detail: words });
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it.each(['t=-1', 't=x', 'width=0', 'width=15', 'width=3841', 'width=1.5', 'height=5', 't=1&t=2'])(
    'refuses %s',
    async (query) => {
      const answer = await harness.as('viewer', { url: `${SNAPSHOT_URL}?${query}` });
      expect(problemOf(answer).status).toBe(400);
      expect(harness.calls).toEqual([]);
    },
  );
});
