/** Files in byte ranges, conditional requests, and revisions that two people edit. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CAMERA, type Harness, problemOf, startHarness } from './harness.ts';

const FILE = '/api/v1/segments/5/file.mp4';
const CAMERA_URL = '/api/v1/cameras/front-door';
const FOREVER = 'private, max-age=31536000, immutable';

let folder: string;
let harness: Harness;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-'));
  const segmentPath = join(folder, '2026-03-29 01.00 +100%.mp4');
  writeFileSync(segmentPath, '0123456789');
  harness = await startHarness({ segmentPath });
});
afterAll(async () => {
  await harness.close();
  rmSync(folder, { recursive: true });
});
afterEach(() => {
  harness.calls.length = 0;
  harness.answers.clear();
});

describe('a segment file', () => {
  it.each([
    ['bytes=0-3', '0123', 'bytes 0-3/10'],
    ['bytes=4-', '456789', 'bytes 4-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=8-99', '89', 'bytes 8-9/10'],
  ])('gives %s', async (range, body, contentRange) => {
    const answer = await harness.as('viewer', { url: FILE, headers: { range } });
    expect(answer.statusCode).toBe(206);
    expect(answer.body).toBe(body);
    expect(answer.headers['content-range']).toBe(contentRange);
    expect(answer.headers['content-length']).toBe(String(body.length));
    expect(answer.headers['content-type']).toBe('video/mp4');
    expect(answer.headers['cache-control']).toBe(FOREVER);
  });

  it.each(['bytes=x', 'pages=1-2', 'bytes=5-2'])(
    'gives all of it for %s, which is no range',
    async (range) => {
      const answer = await harness.as('viewer', { url: FILE, headers: { range } });
      expect([200, 416]).toContain(answer.statusCode);
      if (answer.statusCode === 200) expect(answer.body).toBe('0123456789');
    },
  );

  it('refuses a range beyond its end', async () => {
    const answer = await harness.as('viewer', { url: FILE, headers: { range: 'bytes=10-' } });
    expect(problemOf(answer).status).toBe(416);
    expect(answer.headers['content-range']).toBe('bytes */10');
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('is a download with a plain name, in any range', async () => {
    harness.answers.set('segmentFile', () => ({
      path: join(folder, '2026-03-29 01.00 +100%.mp4'),
      name: 'a"\r\nX-Evil: 1/../ä.mp4',
      final: true,
    }));
    const answer = await harness.as('viewer', { url: FILE });
    expect(answer.body).toBe('0123456789');
    expect(answer.headers['accept-ranges']).toBe('bytes');
    expect(answer.headers['content-disposition']).toBe('attachment; filename="a___X-Evil__1_..__.mp4"');
    expect(answer.headers['x-evil']).toBeUndefined();
  });

  it('is not sent again to whoever has it', async () => {
    const { headers } = await harness.as('viewer', { url: FILE });
    const etag = String(headers.etag);
    const again = await harness.as('viewer', { url: FILE, headers: { 'if-none-match': etag } });
    expect([again.statusCode, again.body, again.headers['cache-control']]).toEqual([304, '', FOREVER]);
    const stale = { range: 'bytes=0-3', 'if-range': '"other"' };
    expect((await harness.as('viewer', { url: FILE, headers: stale })).body).toBe('0123456789');
  });

  it('is not sent to whoever expects another one', async () => {
    const answer = await harness.as('viewer', { url: FILE, headers: { 'if-match': '"other"' } });
    expect(problemOf(answer).status).toBe(412);
  });

  it('that is still written is not cached, and neither are its GOPs', async () => {
    harness.answers.set('segmentFile', () => ({
      path: join(folder, '2026-03-29 01.00 +100%.mp4'),
      name: 'a.mp4',
      final: false,
    }));
    harness.answers.set('readGops', () => ({ bytes: Buffer.from('moof'), final: false }));
    for (const url of [FILE, '/api/v1/segments/5/gops/0-1.m4s']) {
      const answer = await harness.as('viewer', { url });
      expect([answer.statusCode, answer.headers['cache-control']]).toEqual([200, 'no-store']);
    }
  });

  it.each(['gone.mp4', '.'])('whose path is %s is not found', async (name) => {
    harness.answers.set('segmentFile', () => ({ path: join(folder, name), name: 'a.mp4', final: true }));
    const answer = await harness.as('viewer', { url: FILE });
    expect(problemOf(answer).status).toBe(404);
    expect(answer.body).not.toContain(folder);
    expect(answer.headers['cache-control']).toBe('no-store');
  });
});

describe('fragments', () => {
  it('come with their length, in order', async () => {
    const answer = await harness.as('viewer', {
      url: `${CAMERA_URL}/live/6f1f7a53-0f0e-4a5c-8a76-52f1a3a0b111/1-2.m4s`,
    });
    expect(answer.body).toBe('first,second');
    expect(answer.headers['content-length']).toBe('12');
  });
});

describe('a revision', () => {
  it('is the ETag wherever one camera is shown', async () => {
    for (const request of [
      { method: 'GET', url: CAMERA_URL },
      { method: 'PATCH', url: CAMERA_URL, payload: { mode: 'off' } },
      { method: 'POST', url: '/api/v1/cameras', payload: { name: 'a', source: { kind: 'test' } } },
    ] as const) {
      const answer = await harness.as('admin', request);
      expect(answer.headers.etag).toBe('"7"');
    }
  });

  it('names where a new camera is', async () => {
    const payload = { name: 'a', source: { kind: 'test' } };
    const answer = await harness.as('admin', { method: 'POST', url: '/api/v1/cameras', payload });
    expect(answer.headers.location).toBe(CAMERA_URL);
    expect((await harness.as('admin', { url: String(answer.headers.location) })).json()).toEqual(CAMERA);
  });

  it.each([
    ['"7"', 7],
    ['"12345"', 12_345],
    ['*', null],
    ['"abc"', 0],
    ['"07"', 0],
  ])('expected as %s reaches the port as %s', async (ifMatch, expected) => {
    const headers = { 'if-match': ifMatch };
    await harness.as('admin', { method: 'PATCH', url: CAMERA_URL, headers, payload: { mode: 'off' } });
    await harness.as('admin', { method: 'DELETE', url: CAMERA_URL, headers });
    expect(harness.calls).toEqual([
      ['update', 'front-door', { mode: 'off' }, expected],
      ['remove', 'front-door', expected],
    ]);
  });

  it.each(['7', 'W/"7"', '"7", "8"', '"a"b"', '', '""'])('written as %j is refused', async (ifMatch) => {
    const headers = { 'if-match': ifMatch };
    for (const request of [
      { method: 'PATCH', url: CAMERA_URL, headers, payload: { mode: 'off' } },
      { method: 'DELETE', url: CAMERA_URL, headers },
    ] as const) {
      expect(problemOf(await harness.as('admin', request))).toMatchObject({ status: 400, field: 'if-match' });
    }
    expect(harness.calls).toEqual([]);
  });
});

describe('what is not as it should be', () => {
  it('makes the recorder not ready, but leaves it alive', async () => {
    harness.answers.set('troubles', () => ['Camera Front door does not record.']);
    const ready = await harness.as('viewer', { url: '/readyz' });
    expect([ready.statusCode, ready.json()]).toEqual([
      503,
      { status: 'failing', reasons: ['Camera Front door does not record.'] },
    ]);
    expect((await harness.as(null, { url: '/healthz' })).statusCode).toBe(200);
  });
});
