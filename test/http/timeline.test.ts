/** The timeline and the calendar over HTTP: bounds of what may be asked, and answers that a client has already. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TIMELINE } from './findingPorts.ts';
import { type Harness, NOW, problemOf, startHarness } from './harness.ts';
import { textsOf } from './timelineTexts.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());
afterEach(() => {
  harness.calls.length = 0;
  harness.answers.clear();
});

const url = (query: string) => `/api/v1/timeline?${query}`;
const DAY = `from=${NOW}&to=${NOW + 86_400_000}`;

describe('the timeline', () => {
  it.each([
    ['to', `from=${NOW}&to=${NOW}&resolution=60000`],
    ['to', `from=${NOW}&to=${NOW - 1}&resolution=60000`],
    ['resolution', `${DAY}&resolution=1000`],
    ['resolution', `${DAY}&resolution=999`],
    ['cameras', `${DAY}&resolution=60000&cameras=Front%20Door`],
    ['cameras', `${DAY}&resolution=60000&cameras=${Array.from({ length: 257 }, (_, i) => `c${i}`)}`],
  ])('names %s where it is wrong (%#)', async (field, query) => {
    const answer = await harness.as('viewer', { url: url(query) });
    expect(answer.statusCode).toBe(400);
    const { field: named, errors } = problemOf(answer);
    expect(named ?? errors?.[0]?.field).toBe(field);
    expect(harness.calls).toEqual([]);
  });

  it('asks for a camera once that is named twice', async () => {
    await harness.as('viewer', { url: url(`${DAY}&resolution=60000&cameras=a,b,a`) });
    expect(harness.calls[0]?.[1]).toEqual(['a', 'b']);
  });

  it.each(['timeline', 'calendar'])('of a %s that is known already there is no second copy', async (kind) => {
    const path = kind === 'timeline' ? url(`${DAY}&resolution=60000`) : '/api/v1/calendar?month=2026-03';
    const first = await harness.as('viewer', { url: path });
    const etag = String(first.headers.etag);
    const again = await harness.as('viewer', {
      url: path,
      headers: { 'if-none-match': `"other", W/${etag}` },
    });
    expect([again.statusCode, again.body, again.headers.etag]).toEqual([304, '', etag]);
  });

  it('has another tag as soon as anything in it is another', async () => {
    const tag = async () =>
      (await harness.as('viewer', { url: url(`${DAY}&resolution=60000`) })).headers.etag;
    const before = await tag();
    harness.answers.set('timeline', () => textsOf({ ...TIMELINE, endMs: TIMELINE.endMs + 1 }));
    expect(await tag()).not.toBe(before);
  });
});
