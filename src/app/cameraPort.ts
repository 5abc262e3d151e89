/** Cameras as the API speaks of them, over the fleet: input → configuration, configuration → view. */

import type { ProbeResult } from '../cameras/doors.ts';
import type { Fleet } from '../cameras/fleet.ts';
import { parseAddress } from '../domain/address.ts';
import type { Camera, RtspSource, Source, TestSource } from '../domain/camera.ts';
import { NvrError } from '../domain/errors.ts';
import { cameraId } from '../domain/ids.ts';
import type { StreamFormat } from '../domain/media.ts';
import type { CameraStatus } from '../domain/status.ts';
import type { CamerasPort } from '../http/ports.ts';
import type { CameraInput, CameraPatch, CameraView, SourceInput } from '../http/wire/camera.ts';
import type { StreamFormat as ApiStreamFormat } from '../http/wire/status.ts';

const TEST_PATTERN: TestSource = { kind: 'test', width: 1280, height: 720, fps: 25 };

export function cameraPort(fleet: Fleet, probe: (source: Source) => Promise<ProbeResult>): CamerasPort {
  return {
    list: () => fleet.list().map(({ camera, status }) => view(camera, status)),
    get: (id) => viewOf(fleet.get(id)),
    create: (input) => viewOf(fleet.create(newCamera(input))),
    update: (id, patch, expected) => viewOf(fleet.update(id, changes(patch, fleet.get(id).camera), expected)),
    remove: (id, expected) => fleet.remove(id, expected),
    startRecording: (id) => viewOf(fleet.startRecording(id)),
    stopRecording: (id) => viewOf(fleet.stopRecording(id)),
    async probe(source) {
      const found = await probe(sourceOf(source));
      if (found.ok) return formatView(found.format);
      throw new NvrError('unavailable', found.message, { field: 'source', cause: found.cause });
    },
  };
}

/** An input with its defaults. @throws NvrError `invalid` naming the field. */
export function newCamera(input: CameraInput): Parameters<Fleet['create']>[0] {
  const { name, id, enabled = true, source, audio = true, mode = 'continuous' } = input;
  const draft = { name: name.trim(), enabled, source: sourceOf(source), audio, mode };
  return id === undefined ? draft : { ...draft, id: cameraId(id, 'id') };
}

function changes({ source, ...rest }: CameraPatch, before: Camera): Parameters<Fleet['update']>[1] {
  return source === undefined ? rest : { ...rest, source: patchedSource(source, before.source) };
}

function sourceOf(input: SourceInput): Source {
  if (input.kind === 'test') return { ...TEST_PATTERN, ...input };
  const { username, password } = input;
  const address = parseAddress(input.url, 'source.url');
  return rtsp(
    address.url,
    username ?? address.username,
    password ?? address.password,
    input.transport ?? 'tcp',
  );
}

function patchedSource(patch: NonNullable<CameraPatch['source']>, before: Source): Source {
  if (patch.kind === 'test') return { ...(before.kind === 'test' ? before : TEST_PATTERN), ...patch };
  const old = before.kind === 'rtsp' ? before : null;
  if (patch.url === undefined && old === null) {
    throw new NvrError('invalid', 'A source of another kind needs an address.', { field: 'source.url' });
  }
  const address = parseAddress(patch.url ?? old?.url ?? '', 'source.url');
  return rtsp(
    address.url,
    kept(patch.username, address.username ?? old?.username),
    kept(patch.password, address.password ?? old?.password),
    patch.transport ?? old?.transport ?? 'tcp',
  );
}

/** Absent keeps, null removes. */
function kept(given: string | null | undefined, before: string | undefined): string | undefined {
  return given === undefined ? before : (given ?? undefined);
}

function rtsp(
  url: string,
  username: string | undefined,
  password: string | undefined,
  transport: RtspSource['transport'],
): RtspSource {
  return {
    kind: 'rtsp',
    url,
    transport,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
}

function viewOf({ camera, status }: { readonly camera: Camera; readonly status: CameraStatus }): CameraView {
  return view(camera, status);
}

function view(camera: Camera, status: CameraStatus): CameraView {
  return {
    ...camera,
    source: sourceView(camera.source),
    status: { ...status, format: status.format === null ? null : formatView(status.format) },
  };
}

/** Without the password, which never leaves the recorder. */
function sourceView(source: Source): CameraView['source'] {
  if (source.kind === 'test') return source;
  const { password, ...rest } = source;
  return { ...rest, hasPassword: password !== undefined };
}

/** Without how the sound is packed, which is of no use outside. */
function formatView({ video, audio }: StreamFormat): ApiStreamFormat {
  if (audio === null) return { video, audio };
  const { codec, sampleRate, channels } = audio;
  return { video, audio: { codec, sampleRate, channels } };
}
