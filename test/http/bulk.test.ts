/** One change of several cameras: what becomes of one is nothing to the others. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NvrError } from '../../src/domain/errors.ts';
import { CAMERA, type Harness, MARKER, startHarness } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());
beforeEach(() => {
  harness.calls.length = 0;
  harness.answers.clear();
});

const patch = { enabled: false, group: null };
const ask = async (cameras: readonly string[]) =>
  await harness.as('admin', { method: 'POST', url: '/api/v1/cameras/bulk', payload: { cameras, patch } });

describe('POST /cameras/bulk', () => {
  it('goes on after a camera that can’t be changed, and says why', async () => {
    const refusals = [
      new NvrError('not-found', 'There is no camera gone.', { field: 'cameraId' }),
      null,
      new Error(MARKER),
      new NvrError('conflict', 'It is locked.'),
    ];
    harness.answers.set('update', () => {
      const refusal = refusals.shift();
      if (refusal) throw refusal;
      return CAMERA;
    });
    const answer = await ask(['gone', 'yard', 'broken', 'locked']);
    expect(answer.statusCode).toBe(200);
    expect(answer.json().results).toEqual([
      { cameraId: 'gone', status: 404, revision: null, detail: 'There is no camera gone.' },
      { cameraId: 'yard', status: 200, revision: 7, detail: null },
      { cameraId: 'broken', status: 500, revision: null, detail: expect.not.stringContaining(MARKER) },
      { cameraId: 'locked', status: 409, revision: null, detail: 'It is locked.' },
    ]);
    expect(harness.calls).toEqual(
      ['gone', 'yard', 'broken', 'locked'].map((id) => ['update', id, patch, null]),
    );
    expect(harness.log.join()).toContain('a part of a request failed');
    expect(harness.audit.lines[0]).toMatchObject({ status: 200, target: '/cameras/bulk: yard' });
  });

  it('is no change in the audit log when nothing was changed', async () => {
    harness.answers.set('update', () => {
      throw new NvrError('conflict', 'It is locked.');
    });
    const before = harness.audit.lines.length;
    expect((await ask(['locked'])).statusCode).toBe(200);
    expect(harness.audit.lines).toHaveLength(before);
  });

  it('leaves cameras that are called like the route nothing to hide behind', async () => {
    const answer = await harness.as('admin', { url: '/api/v1/cameras/bulk' });
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, 'POST']);
  });
});
