/** Who may see viewers, and end them: operators, and those of some cameras only theirs. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Harness, problemOf, startHarness } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());
afterEach(() => {
  harness.calls.length = 0;
});

it('shows and ends viewers of the cameras that may be used', async () => {
  const answer = await harness.as('operator', { url: '/api/v1/viewers' });
  expect(answer.json()).toMatchObject({ total: 1, viewers: [{ id: 3, transport: 'll-hls' }] });
  const ended = await harness.as('operator', { method: 'DELETE', url: '/api/v1/viewers/3' });
  expect(ended.statusCode).toBe(204);
  expect(harness.calls).toEqual([['endViewer', 3]]);
});

it('does not know viewers of other cameras', async () => {
  const operator = harness.users.find('operator');
  if (operator === undefined) throw new Error('There is no operator.');
  harness.users.rows.set('operator', { ...operator, cameras: [] });
  const answer = await harness.as('operator', { url: '/api/v1/viewers' });
  expect(answer.json()).toEqual({ total: 0, viewers: [] });
  const ended = await harness.as('operator', { method: 'DELETE', url: '/api/v1/viewers/3' });
  expect(problemOf(ended).status).toBe(404);
  expect(harness.calls).toEqual([]);
});
