/**
 * A web server that gives out the clip: as a file, as a stream that never ends, as HLS (live: the list slides), and as
 * JPEG pictures one after the other. Asks for a password where the path says so.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CLIP, clip } from './clip.ts';

const run = promisify(execFile);

export const LOGIN = { username: 'vera', password: 'p@ss:w/rd' } as const;
const BOUNDARY = 'frame';
const SEGMENT_S = 2;
const LISTED = 3;

export interface WebServer {
  readonly port: number;
  url(path: string): string;
  close(): Promise<void>;
}

/** @param port 0 takes a free one */
export async function webServer(port = 0): Promise<WebServer> {
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-web-'));
  const files = await prepared(folder);
  const startedMs = performance.now();
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    if (path.startsWith('/guarded/') && request.headers.authorization !== BASIC) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    } else if (path.endsWith('.mjpg')) sendPictures(response, files.pictures);
    else if (path === '/picture.jpg') response.setHeader('content-type', 'image/jpeg').end(files.pictures[0]);
    else if (path === '/live.m3u8') response.end(livePlaylist(startedMs));
    else if (path === '/text') response.end('There is nothing to see here.');
    else void sendFile(response, folder, path);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    port: bound,
    url: (path) => `http://127.0.0.1:${bound}/${path}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const BASIC = `Basic ${Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString('base64')}`;

async function prepared(folder: string) {
  const mp4 = await clip('mp4');
  const ffmpeg = (...options: string[]) =>
    run('ffmpeg', ['-v', 'error', '-nostdin', '-y', '-i', mp4, ...options]);
  await ffmpeg(
    '-c',
    'copy',
    '-f',
    'hls',
    '-hls_time',
    String(SEGMENT_S),
    '-hls_list_size',
    '0',
    '-hls_segment_filename',
    join(folder, 's%d.ts'),
    join(folder, 'all.m3u8'),
  );
  await ffmpeg('-c', 'copy', '-f', 'mp4', join(folder, 'clip.mp4'));
  await ffmpeg('-c', 'copy', '-f', 'mpegts', join(folder, 'clip.ts'));
  await ffmpeg('-q:v', '4', '-frames:v', '50', join(folder, 'p%03d.jpg'));
  const names = Array.from({ length: 50 }, (_, index) => `p${String(index + 1).padStart(3, '0')}.jpg`);
  return { pictures: await Promise.all(names.map((name) => readFile(join(folder, name)))) };
}

async function sendFile(response: ServerResponse, folder: string, path: string): Promise<void> {
  try {
    response.end(await readFile(join(folder, path.replace('/guarded', ''))));
  } catch {
    response.writeHead(404).end();
  }
}

/** RFC 2046 §5.1, as cameras do it: with lengths, and no end. */
function sendPictures(response: ServerResponse, pictures: readonly Buffer[]): void {
  response.writeHead(200, { 'content-type': `multipart/x-mixed-replace; boundary=${BOUNDARY}` });
  let next = 0;
  const timer = setInterval(() => {
    const picture = pictures[next++ % pictures.length] ?? Buffer.alloc(0);
    response.write(`--${BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: ${picture.length}\r\n\r\n`);
    response.write(picture);
    response.write('\r\n');
  }, 1000 / CLIP.fps);
  response.on('close', () => clearInterval(timer));
}

/** A window of the newest segments; the clip is repeated with a discontinuity (RFC 8216 §4.3.2.3). */
function livePlaylist(startedMs: number): string {
  const segments = CLIP.seconds / SEGMENT_S;
  const newest = Math.floor((performance.now() - startedMs) / 1000 / SEGMENT_S) + LISTED;
  const first = newest - LISTED;
  const lines = Array.from({ length: LISTED }, (_, index) => {
    const part = (first + index) % segments;
    return `${part === 0 ? '#EXT-X-DISCONTINUITY\n' : ''}#EXTINF:${SEGMENT_S},\ns${part}.ts\n`;
  });
  const sequence = `#EXT-X-MEDIA-SEQUENCE:${first}\n#EXT-X-DISCONTINUITY-SEQUENCE:${Math.ceil(first / segments)}\n`;
  return `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:${SEGMENT_S}\n${sequence}${lines.join('')}`;
}
