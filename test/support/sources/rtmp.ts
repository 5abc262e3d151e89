/**
 * A small RTMP server (Adobe RTMP 1.0) that gives out the clip, in a loop and at its own pace, to whoever plays
 * anything. It speaks just enough: handshake, `connect`, `createStream`, `play`.
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { CLIP, clip } from './clip.ts';

interface Tag {
  readonly type: number;
  readonly atMs: number;
  readonly body: Buffer;
}

export interface RtmpServer {
  readonly port: number;
  /** Stops to listen and cuts every connection. */
  close(): Promise<void>;
}

const HANDSHAKE = 1536;
const CHUNK = 60_000;
const SET_CHUNK_SIZE = 1;
const COMMAND = 20;

/** @param port 0 takes a free one */
export async function rtmpServer(port = 0): Promise<RtmpServer> {
  const tags = readTags(await readFile(await clip('flv')));
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    void serve(socket, tags).catch(() => socket.destroy());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** FLV (Annex E of the specification of Adobe Flash Video): media tags only. */
function readTags(flv: Buffer): Tag[] {
  const tags: Tag[] = [];
  for (let at = flv.readUInt32BE(5) + 4; at + 11 <= flv.length; ) {
    const size = flv.readUIntBE(at + 1, 3);
    const atMs = flv.readUIntBE(at + 4, 3) + ((flv[at + 7] ?? 0) << 24);
    const type = flv[at] ?? 0;
    if (type === 8 || type === 9) tags.push({ type, atMs, body: flv.subarray(at + 11, at + 11 + size) });
    at += 11 + size + 4;
  }
  return tags;
}

async function serve(socket: Socket, tags: readonly Tag[]): Promise<void> {
  const reader = new Reader(socket);
  const hello = await reader.take(1 + HANDSHAKE);
  socket.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(HANDSHAKE), hello.subarray(1)]));
  await reader.take(HANDSHAKE);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(CHUNK);
  send(socket, SET_CHUNK_SIZE, 0, 0, size);
  for await (const command of commands(reader)) {
    const transaction = command.readDoubleBE(command.readUInt16BE(1) + 4);
    const name = command.toString('latin1', 3, 3 + command.readUInt16BE(1));
    if (name === 'connect')
      send(
        socket,
        COMMAND,
        0,
        0,
        amf('_result', transaction, { level: 'status' }, { code: 'NetConnection.Connect.Success' }),
      );
    if (name === 'createStream') send(socket, COMMAND, 0, 0, amf('_result', transaction, null, 1));
    if (name === 'play') {
      send(
        socket,
        COMMAND,
        1,
        0,
        amf('onStatus', 0, null, { level: 'status', code: 'NetStream.Play.Start' }),
      );
      play(socket, tags);
    }
  }
}

/** Sends everything that is due, some fifty times a second. */
function play(socket: Socket, tags: readonly Tag[]): void {
  const started = performance.now();
  let next = 0;
  let loopedMs = 0;
  const timer = setInterval(() => {
    const now = performance.now() - started;
    for (let tag = tags[next]; tag !== undefined && loopedMs + tag.atMs <= now; tag = tags[next]) {
      // The codec configuration is sent once.
      const isHeader = tag.body[1] === 0 && (tag.type === 9 || (tag.body[0] ?? 0) >> 4 === 10);
      if (loopedMs === 0 || !isHeader) send(socket, tag.type, 1, loopedMs + tag.atMs, tag.body);
      next++;
      if (next < tags.length) continue;
      next = 0;
      loopedMs += CLIP.seconds * 1000;
    }
  }, 20);
  socket.on('close', () => clearInterval(timer));
}

/** One message as chunks with a full header, then continuations (§5.3.1). */
function send(socket: Socket, type: number, stream: number, atMs: number, body: Buffer): void {
  const header = Buffer.alloc(12);
  header[0] = type === COMMAND ? 3 : type === SET_CHUNK_SIZE ? 2 : type;
  header.writeUIntBE(Math.min(atMs, 0xfffffe), 1, 3);
  header.writeUIntBE(body.length, 4, 3);
  header[7] = type;
  header.writeUInt32LE(stream, 8);
  socket.write(header);
  for (let at = 0; at < body.length; at += CHUNK) {
    if (at > 0) socket.write(Buffer.from([0xc0 | (header[0] ?? 0)]));
    socket.write(body.subarray(at, at + CHUNK));
  }
}

/** The AMF0 commands of a client; its chunk size changes when it says so. */
async function* commands(reader: Reader): AsyncGenerator<Buffer> {
  const known = new Map<number, { length: number; type: number; parts: Buffer[] }>();
  for (let chunkSize = 128; ; ) {
    const [first = 0] = await reader.take(1);
    const format = first >> 6;
    const header = await reader.take([11, 7, 3, 0][format] ?? 0);
    const state = known.get(first & 0x3f) ?? { length: 0, type: 0, parts: [] };
    known.set(first & 0x3f, state);
    if (format < 2) Object.assign(state, { length: header.readUIntBE(3, 3), type: header[6] });
    const have = state.parts.reduce((sum, { length }) => sum + length, 0);
    state.parts.push(await reader.take(Math.min(chunkSize, state.length - have)));
    const message = Buffer.concat(state.parts);
    if (message.length < state.length) continue;
    state.parts = [];
    if (state.type === SET_CHUNK_SIZE) chunkSize = message.readUInt32BE(0);
    if (state.type === COMMAND) yield message;
  }
}

type Amf = string | number | null | Readonly<Record<string, string>>;

/** AMF0 §2. */
function amf(...values: readonly Amf[]): Buffer {
  return Buffer.concat(values.map(encode));
}

function encode(value: Amf): Buffer {
  if (value === null) return Buffer.from([5]);
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(9);
    bytes.writeDoubleBE(value, 1);
    return bytes;
  }
  if (typeof value === 'string') return Buffer.concat([Buffer.from([2]), text(value)]);
  const entries = Object.entries(value).flatMap(([key, each]) => [text(key), encode(each)]);
  return Buffer.concat([Buffer.from([3]), ...entries, Buffer.from([0, 0, 9])]);
}

function text(value: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(value.length);
  return Buffer.concat([length, Buffer.from(value, 'latin1')]);
}

/** Bytes of a socket, so many at a time. */
class Reader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.#chunks = socket[Symbol.asyncIterator]();
  }

  async take(bytes: number): Promise<Buffer> {
    while (this.#rest.length < bytes) {
      const { value, done } = await this.#chunks.next();
      if (done === true) throw new Error('The client left.');
      this.#rest = Buffer.concat([this.#rest, value]);
    }
    const taken = this.#rest.subarray(0, bytes);
    this.#rest = this.#rest.subarray(bytes);
    return taken;
  }
}
