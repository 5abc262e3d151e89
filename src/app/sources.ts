/** Sources and their encoding as the API speaks of them: input → configuration, configuration → view. */
import { parseAddress, SCHEMES_OF } from '../domain/address.ts';
import type { Encode, Source, SrtSource, TestSource } from '../domain/camera.ts';
import { NvrError } from '../domain/errors.ts';
import { innerPath } from '../domain/filePath.ts';
import { parseSrtAddress } from '../domain/srtAddress.ts';
import type { EncodeInput } from '../http/wire/camera.ts';
import type { SourceInput, SourcePatch, SourceView } from '../http/wire/source.ts';

const TEST_PATTERN: TestSource = { kind: 'test', width: 1280, height: 720, fps: 25 };
/** What libsrt takes by itself. */
const SRT_LATENCY_MS = 125;

/** An input with its defaults. @param field where it stands in the body. @throws NvrError `invalid` naming the field. */
export function sourceOf(input: SourceInput, field = 'source'): Source {
  const url = `${field}.url`;
  switch (input.kind) {
    case 'rtsp':
      return { kind: 'rtsp', ...remote(input, url), transport: input.transport ?? 'tcp' };
    case 'rtmp':
    case 'hls':
    case 'http':
      return { kind: input.kind, ...remote(input, url) };
    case 'udp':
      return { kind: 'udp', url: parseAddress(input.url, url, SCHEMES_OF.udp).url };
    case 'srt':
      return srt(input, url);
    case 'file':
      return { kind: 'file', path: innerPath(input.path, `${field}.path`) };
    case 'v4l2':
      return input;
    case 'test':
      return { ...TEST_PATTERN, ...input };
  }
}

/** A change of a source: what is absent stays, null removes; a source of another kind replaces it. @throws as `sourceOf` */
export function patchedSource(patch: SourcePatch, before: Source | null, field = 'source'): Source {
  const old: Partial<Source> = before?.kind === patch.kind ? withoutNewCredentials(before, patch) : {};
  const merged: Record<string, unknown> = { ...old, ...patch };
  const needed = NEEDED[patch.kind];
  if (needed !== null && typeof merged[needed] !== 'string') {
    const message = `A source of another kind needs its ${needed === 'url' ? 'address' : needed}.`;
    throw new NvrError('invalid', message, { field: `${field}.${needed}` });
  }
  const kept = Object.entries(merged).filter(([, value]) => value !== null);
  return sourceOf(Object.fromEntries(kept) as SourceInput, field);
}

/** Without the password, which never leaves the recorder. */
export function sourceView(source: Source): SourceView {
  switch (source.kind) {
    case 'rtsp':
    case 'rtmp':
    case 'hls':
    case 'http':
    case 'srt': {
      const { password, ...rest } = source;
      return { ...rest, hasPassword: password !== undefined };
    }
    case 'udp':
    case 'file':
    case 'v4l2':
    case 'test':
      return source;
  }
}

/** With defaults for what is absent. @throws NvrError `invalid` for an overlay without a clock and without text. */
export function encodeOf({ overlay, ...input }: EncodeInput): Encode {
  const encode: Encode = { keyframeSeconds: 2, preset: 'fast', ...input };
  if (overlay === undefined) return encode;
  if (overlay.clock === undefined && overlay.text === undefined) {
    throw new NvrError('invalid', 'An overlay needs a clock or a text.', { field: 'encode.overlay' });
  }
  return { ...encode, overlay: { position: 'top-left', fontSize: 18, ...overlay } };
}

const NEEDED: Readonly<Record<Source['kind'], 'url' | 'path' | 'device' | null>> = {
  rtsp: 'url',
  rtmp: 'url',
  hls: 'url',
  http: 'url',
  udp: 'url',
  srt: 'url',
  file: 'path',
  v4l2: 'device',
  test: null,
};

/** Credentials in a new address take the place of the old ones. */
function withoutNewCredentials(before: Source, patch: SourcePatch): Partial<Source> {
  if (!('url' in before) || !('url' in patch) || patch.url === undefined || patch.kind === 'srt')
    return before;
  const { username, password } = parseAddress(patch.url, 'url', SCHEMES_OF[before.kind]);
  return {
    ...before,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  };
}

type RemoteInput = Extract<SourceInput, { kind: 'rtsp' | 'rtmp' | 'hls' | 'http' }>;

function remote({ kind, url, ...given }: RemoteInput, field: string) {
  const address = parseAddress(url, field, SCHEMES_OF[kind]);
  return present({
    url: address.url,
    username: given.username ?? address.username,
    password: given.password ?? address.password,
  });
}

function srt(input: Extract<SourceInput, { kind: 'srt' }>, field: string): SrtSource {
  const said = parseSrtAddress(input.url, field);
  const { role = 'caller', latencyMs = SRT_LATENCY_MS, streamId, password } = { ...said, ...input };
  if (password !== undefined && (password.length < 10 || password.length > 79)) {
    throw new NvrError('invalid', 'An SRT passphrase has 10 to 79 characters.', { field });
  }
  return { kind: 'srt', role, latencyMs, ...present({ url: said.url, streamId, password }) };
}

/** Without the properties that are undefined. */
export function present<T extends object>(loose: T) {
  type Present = { [Key in keyof T as undefined extends T[Key] ? never : Key]: T[Key] } & {
    [Key in keyof T as undefined extends T[Key] ? Key : never]?: Exclude<T[Key], undefined>;
  };
  return Object.fromEntries(Object.entries(loose).filter(([, value]) => value !== undefined)) as Present;
}
