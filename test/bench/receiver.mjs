/**
 * The least that receiving costs in JavaScript, to compare with what GStreamer's elements cost: RTSP over TCP
 * (RFC 2326 §10.12), H.264 taken out of RTP (RFC 6184 §5.8), written as NAL units with their lengths before them. No
 * container, no times, no index, no trust in anything but the bench's own cameras: a measure, not a recorder.
 *
 * Usage: node receiver.mjs FILE=URL …
 */
import { openSync, writev } from 'node:fs';
import { connect } from 'node:net';

const MAGIC = 0x24;
const FRAMING_BYTES = 4;
const RTP_HEADER_BYTES = 12;
const FRAGMENTATION_UNIT = 28;
/** As much as a fragment of 250 ms has at 4 Mbit/s, so that it is written as seldom as the recorder writes. */
const WRITE_BYTES = 125_000;

/** Collects NAL units and writes many at once, one write after the other. */
class Writer {
  #fd;
  /** @type {Uint8Array[]} */
  #pieces = [];
  #bytes = 0;
  #writing = false;

  /** @param {string} path */
  constructor(path) {
    this.#fd = openSync(path, 'w');
  }

  /** @param {Uint8Array} piece */
  add(piece) {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
  }

  flush() {
    if (this.#writing || this.#bytes < WRITE_BYTES) return;
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#bytes = 0;
    this.#writing = true;
    writev(this.#fd, pieces, (error) => {
      if (error) throw error;
      this.#writing = false;
    });
  }
}

/** Takes the first channel's packets out of the interleaved stream. */
class Depayloader {
  #writer;
  /** @type {Buffer} */
  #rest = Buffer.alloc(0);
  /**
   * Pieces of the NAL unit that is not complete yet.
   * @type {Uint8Array[]}
   */
  #unit = [];

  /** @param {Writer} writer */
  constructor(writer) {
    this.#writer = writer;
  }

  /** @param {Buffer} chunk */
  push(chunk) {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (bytes.length - at >= FRAMING_BYTES) {
      // The answer to PLAY stands in the same stream.
      if (bytes[at] !== MAGIC) {
        const next = bytes.indexOf(MAGIC, at);
        at = next < 0 ? bytes.length : next;
        continue;
      }
      const end = at + FRAMING_BYTES + bytes.readUInt16BE(at + 2);
      if (end > bytes.length) break;
      if (bytes[at + 1] === 0) this.#packet(bytes.subarray(at + FRAMING_BYTES, end));
      at = end;
    }
    this.#rest = bytes.subarray(at);
  }

  /** @param {Buffer} packet */
  #packet(packet) {
    const payload = packet.subarray(RTP_HEADER_BYTES);
    const [indicator = 0, header = 0] = payload;
    if ((indicator & 31) === FRAGMENTATION_UNIT) {
      if (header & 0x80) this.#unit = [Buffer.from([(indicator & 0xe0) | (header & 31)])];
      this.#unit.push(payload.subarray(2));
      if (header & 0x40) this.#close();
    } else {
      this.#unit = [payload];
      this.#close();
    }
    if (packet.readUInt8(1) & 0x80) this.#writer.flush();
  }

  #close() {
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32BE(this.#unit.reduce((sum, piece) => sum + piece.length, 0));
    this.#writer.add(length);
    for (const piece of this.#unit) this.#writer.add(piece);
    this.#unit = [];
  }
}

/** @param {string} path @param {string} address */
function receive(path, address) {
  const { hostname, port } = new URL(address.replace(/^rtsp:/, 'http:'));
  const socket = connect({ host: hostname, port: Number(port) });
  const depayloader = new Depayloader(new Writer(path));
  let [sequence, session, answer] = [0, '', ''];
  /** @param {string} method @param {string} target @param {string} header */
  const ask = (method, target, header = '') =>
    socket.write(`${method} ${target} RTSP/1.0\r\nCSeq: ${++sequence}\r\n${session}${header}\r\n`);
  /** @param {Buffer} chunk */
  const onText = (chunk) => {
    answer += chunk.toString('latin1');
    const head = answer.indexOf('\r\n\r\n') + 4;
    const body = Number(/^content-length: *(\d+)/im.exec(answer)?.[1] ?? 0);
    if (head < 4 || answer.length < head + body) return;
    const base = /^content-base: *(\S+)/im.exec(answer)?.[1] ?? `${address}/`;
    const control = /m=video[\s\S]*?a=control:(\S+)/.exec(answer)?.[1];
    const id = /^session: *([^;\r]+)/im.exec(answer)?.[1];
    answer = '';
    if (control !== undefined) {
      const target = control.startsWith('rtsp:') ? control : base + control;
      ask('SETUP', target, 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n');
    } else if (id !== undefined) {
      session = `Session: ${id}\r\n`;
      socket.off('data', onText);
      socket.on('data', (bytes) => depayloader.push(bytes));
      ask('PLAY', address);
    } else throw new Error(`${address} cannot be received: ${id}`);
  };
  socket.on('data', onText);
  socket.on('connect', () => ask('DESCRIBE', address, 'Accept: application/sdp\r\n'));
  socket.on('close', () => process.exit(1));
}

process.on('SIGINT', () => process.exit());
for (const argument of process.argv.slice(2)) {
  const [, path = '', address = ''] = /^(.+?)=(rtsp:.+)$/.exec(argument) ?? [];
  receive(path, address);
}
