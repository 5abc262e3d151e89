/** Low-latency HLS over HTTP: what a player may ask of the playlist, and who it is taken for. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { NvrError } from '../../src/domain/errors.ts';
import { type Harness, problemOf, startHarness } from './harness.ts';

const PLAYLIST = '/api/v1/cameras/front-door/live/playlist.m3u8';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());
afterEach(() => {
  harness.calls.length = 0;
  harness.answers.clear();
});

describe('the live playlist', () => {
  it.each([
    ['', { reload: null, skip: false }],
    ['?_HLS_msn=7', { reload: { msn: 7, part: null }, skip: false }],
    ['?_HLS_msn=7&_HLS_part=0', { reload: { msn: 7, part: 0 }, skip: false }],
    ['?_HLS_msn=7&_HLS_part=3&_HLS_skip=YES', { reload: { msn: 7, part: 3 }, skip: true }],
    ['?_HLS_skip=v2', { reload: null, skip: true }],
  ])('asked for with "%s"', async (query, question) => {
    const headers = { 'user-agent': 'player/1' };
    const answer = await harness.as('viewer', { url: PLAYLIST + query, headers });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    const client = { user: 'viewer', player: '127.0.0.1 player/1' };
    expect(harness.calls).toEqual([['livePlaylist', 'front-door', question, client]]);
  });

  it.each([
    '_HLS_part=1',
    '_HLS_msn=-1',
    '_HLS_msn=x',
    '_HLS_msn=1&_HLS_part=1.5',
    '_HLS_skip=NO',
    '_HLS_msn=',
  ])('refuses %s', async (query) => {
    const answer = await harness.as('viewer', { url: `${PLAYLIST}?${query}` });
    expect(problemOf(answer).status).toBe(400);
    expect(harness.calls).toEqual([]);
  });

  it.each([
    ['unavailable', undefined, 503],
    ['invalid', '_HLS_msn', 400],
    ['exhausted', 'viewers', 429],
    ['forbidden', undefined, 403],
  ] as const)('says %s', async (kind, field, status) => {
    harness.answers.set('livePlaylist', () => {
      throw new NvrError(kind, 'Why.', field === undefined ? {} : { field });
    });
    const answer = await harness.as('viewer', { url: PLAYLIST });
    expect(problemOf(answer).status).toBe(status);
    expect(answer.headers['retry-after']).toBe(status === 503 ? '1' : undefined);
  });
});
