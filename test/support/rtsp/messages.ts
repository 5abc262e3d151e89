/** RTSP messages as bytes (RFC 2326 §4–7): requests out of a stream, responses into it. */

export interface Request {
  readonly method: string;
  readonly url: string;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Something a client sent, and the bytes after it; interleaved binary data (its RTCP) is no request. */
export interface Taken {
  readonly request: Request | undefined;
  readonly rest: Buffer;
}

const MAX_HEAD_BYTES = 65_536;
const DOLLAR = 0x24;

/** Takes the first message from the bytes, or gives undefined when it is incomplete. Throws when it never ends. */
export function takeMessage(bytes: Buffer): Taken | undefined {
  if (bytes.length < 4) return undefined;
  if (bytes[0] === DOLLAR) {
    const end = 4 + bytes.readUInt16BE(2);
    return bytes.length < end ? undefined : { request: undefined, rest: bytes.subarray(end) };
  }
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) {
    if (bytes.length > MAX_HEAD_BYTES) throw new Error('A request head without an end.');
    return undefined;
  }
  const request = parseHead(bytes.toString('utf8', 0, headEnd));
  const end = headEnd + 4 + Number(request.headers.get('content-length') ?? 0);
  return bytes.length < end ? undefined : { request, rest: bytes.subarray(end) };
}

function parseHead(head: string): Request {
  const [first = '', ...lines] = head.split('\r\n');
  const [method = '', url = ''] = first.split(' ');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { method, url, headers: new Map(headers) };
}

const REASONS = {
  200: 'OK',
  401: 'Unauthorized',
  404: 'Not Found',
  454: 'Session Not Found',
  461: 'Unsupported Transport',
  501: 'Not Implemented',
  503: 'Service Unavailable',
} as const;

export type Status = keyof typeof REASONS;

export interface Response {
  readonly status: Status;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The bytes of a response to the request with this `CSeq`. */
export function responseText({ status, headers = {}, body = '' }: Response, cseq: string): string {
  const length = body === '' ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
  const fields = Object.entries({ CSeq: cseq, Server: 'Test camera', ...headers, ...length });
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`);
  return `RTSP/1.0 ${status} ${REASONS[status]}\r\n${lines.join('')}\r\n${body}`;
}
