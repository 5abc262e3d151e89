/** Sources besides RTSP in the whole product: found again after they went, looped, watched on demand. */
import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AUTHORIZATION, eventually, type Recorder, startRecorder } from '../support/recorder.ts';
import { clip } from '../support/sources/clip.ts';
import { type RtmpServer, rtmpServer } from '../support/sources/rtmp.ts';

let nvr: Recorder;
let server: RtmpServer;
let name: string;

beforeAll(async () => {
  const file = await clip('mp4');
  name = file.slice(dirname(file).length + 1);
  nvr = await startRecorder({ settings: { FILE_SOURCE_DIR: dirname(file), SEGMENT_SECONDS: '5' } });
  server = await rtmpServer();
});
afterAll(async () => {
  await server.close();
  await nvr.discard();
});

test('a server that goes and returns is recorded again, with a gap that says why', async () => {
  const { port } = server;
  await nvr.add({
    id: 'rtmp',
    name: 'RTMP',
    source: { kind: 'rtmp', url: `rtmp://127.0.0.1:${port}/live/x` },
  });
  await nvr.until('rtmp', 'it records', ({ status }) => status.recording.state === 'recording');
  await server.close();
  await nvr.until('rtmp', 'it is noticed', ({ status }) => status.source.state === 'backoff');
  server = await rtmpServer(port);
  await nvr.until('rtmp', 'it records again', ({ status }) => status.recording.state === 'recording');
  const gaps = await eventually('the gap is closed', async () => {
    const all = await nvr.gaps('rtmp');
    return all.length > 1 && all.every(({ endMs }) => endMs !== null) && all;
  });
  expect(gaps.map(({ cause }) => cause)).toContainEqual(expect.stringMatching(/^(?:ended|unreachable)$/));
});

test('a file begins again where it ends, and leads nowhere else', async () => {
  await nvr.add({ id: 'file', name: 'File', source: { kind: 'file', path: name } });
  const runs = async () => new Set((await nvr.segments('file')).map(({ runId }) => runId)).size;
  await eventually('the second run', async () => (await runs()) >= 2, 40_000);
  const away = await nvr.ask('POST', '/cameras', {
    name: 'Away',
    source: { kind: 'file', path: '../../etc/passwd' },
  });
  expect(away.status).toBe(400);
});

test('a second stream is connected while its playlist is asked for', async () => {
  await nvr.add({
    id: 'two',
    name: 'Two',
    source: { kind: 'test' },
    sub: { kind: 'file', path: name },
    mode: 'off',
  });
  const playlist = await eventually('the playlist of the second stream', async () => {
    const url = `${nvr.address}/api/v1/cameras/two/live/playlist.m3u8?stream=sub`;
    const answer = await fetch(url, { headers: { authorization: AUTHORIZATION } });
    return answer.ok && (await answer.text());
  });
  const init = /URI="([^"]+init\.mp4)"/.exec(playlist)?.[1] ?? '';
  const url = `${nvr.address}/api/v1/cameras/two/live/${init}`;
  const answer = await fetch(url, { headers: { authorization: AUTHORIZATION } });
  expect(answer.status).toBe(200);
});
