/** Where RTSP servers send the recorder on to (RFC 2326 §11.3): followed to what may be connected to, and nowhere else. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { lookAt } from '../../src/app/mediaDoor.ts';
import type { RtspSource } from '../../src/domain/camera.ts';
import { NvrError } from '../../src/domain/errors.ts';
import { Captures } from '../../src/media/captures.ts';
import { REQUIRED_ELEMENTS } from '../../src/media/elements.ts';
import { startGst } from '../../src/media/gst.ts';
import { probe } from '../../src/media/probe.ts';
import type { ExpectAllowed } from '../../src/media/redirects.ts';
import { playHere } from '../../src/media/runPipeline.ts';
import { startRtspServer } from '../support/rtsp/server.ts';
import { checkStamps } from '../support/rtsp/stamps.ts';
import type { RtspServer } from '../support/rtsp/types.ts';
import { formatOf, HeardRun } from '../support/runs.ts';

startGst(REQUIRED_ELEMENTS);

/** A server that answers each DESCRIBE with a redirect. */
async function redirecting(
  location: string,
): Promise<{ readonly source: RtspSource; readonly asked: () => number }> {
  let asked = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      const [, method = '', cseq = ''] = /^(\w+) .*CSeq: (\d+)/s.exec(String(bytes)) ?? [];
      if (method === 'DESCRIBE') asked++;
      const answer =
        method === 'DESCRIBE'
          ? `302 Found\r\nLocation: ${location}`
          : '200 OK\r\nPublic: DESCRIBE, SETUP, PLAY';
      socket.write(`RTSP/1.0 ${answer}\r\nCSeq: ${cseq}\r\n\r\n`);
    });
  }).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    source: { kind: 'rtsp', url: `rtsp://127.0.0.1:${port}/door`, transport: 'tcp' },
    asked: () => asked,
  };
}

const refuse: ExpectAllowed = async (url) => {
  throw new NvrError('forbidden', `${new URL(url).hostname} is out of bounds.`);
};

describe('a camera that is elsewhere', () => {
  let camera: RtspServer;
  beforeAll(async () => {
    camera = await startRtspServer({
      cameras: [{ path: 'cam', video: 'h264' }],
      host: '127.0.0.2',
      stamp: true,
    });
  });
  afterAll(() => camera.close());

  test('is found and recorded, where it may be connected to', async () => {
    const { source } = await redirecting(camera.url('cam'));
    const judged: string[] = [];
    const expectAllowed = async (url: string) => {
      judged.push(url);
      await delay(300);
    };
    expect(await probe(source, { expectAllowed })).toMatchObject({ ok: true, format: formatOf('h264') });
    const run = await new HeardRun().open(source, formatOf('h264'), null, playHere, expectAllowed);
    await run.received(50);
    await run.end();
    expect(await run.ended).toBeNull();
    expect(checkStamps(await run.stamps())).toMatchObject({ lost: 0, doubled: 0, backward: 0 });
    expect(judged).toEqual([camera.url('cam'), camera.url('cam')]);
  });

  test.each([
    ['at once', refuse],
    ['after its name was looked up', async (url: string) => delay(500).then(() => refuse(url))],
  ])('gives nothing, where it may not: known %s', async (_when, expectAllowed) => {
    const { source } = await redirecting(camera.url('cam'));
    const refused = {
      cause: 'not-found',
      message: 'The camera leads elsewhere: 127.0.0.2 is out of bounds.',
    };
    expect(await probe(source, { expectAllowed })).toEqual({ ok: false, ...refused });
    const run = await new HeardRun().open(source, formatOf('h264'), null, playHere, expectAllowed);
    expect(await run.ended).toEqual(refused);
    expect(run.fragments).toEqual([]);
  });
});

test.each([
  ['rtsp://169.254.169.254/latest', /169\.254\.169\.254 may not be connected to/],
  ['rtsp://[::ffff:a9fe:a9fe]/latest', /may not be connected to/],
  ['rtsp://0xa9fea9fe/latest', /may not be connected to/],
  ['rtsph://169.254.169.254/latest', /^The camera leads elsewhere: /],
])('the recorder refuses %s', async (location, message) => {
  const { source } = await redirecting(location);
  const found = await lookAt(source, { fileSourceDir: null }, new Captures());
  expect(found).toMatchObject({ ok: false, message: expect.stringMatching(message) });
});

test('a server that leads to itself is left after some rounds', async () => {
  const door = await redirecting('/elsewhere');
  const found = await probe(door.source);
  expect(found).toEqual({ ok: false, cause: 'not-found', message: 'The camera leads in a circle.' });
  const run = await new HeardRun().open(door.source, formatOf('h264'));
  expect(await run.ended).toMatchObject({ message: 'The camera leads in a circle.' });
});
