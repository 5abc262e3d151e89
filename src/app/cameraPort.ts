/** Cameras as the API speaks of them, over the fleet: input → configuration, configuration → view. */

import type { ProbeResult } from '../cameras/doors.ts';
import type { Fleet } from '../cameras/fleet.ts';
import type { Camera, Source } from '../domain/camera.ts';
import { NvrError } from '../domain/errors.ts';
import { cameraId } from '../domain/ids.ts';
import type { StreamFormat } from '../domain/media.ts';
import type { CameraStatus } from '../domain/status.ts';
import type { CamerasPort } from '../http/ports.ts';
import type { CameraInput, CameraPatch, CameraView } from '../http/wire/camera.ts';
import type { StreamFormat as ApiStreamFormat } from '../http/wire/status.ts';
import { encodeOf, patchedSource, sourceOf, sourceView } from './sources.ts';

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
  const { name, id, enabled = true, source, audio = true, mode = 'continuous', sub, encode, ...rest } = input;
  const draft = {
    ...rest,
    name: name.trim(),
    enabled,
    source: sourceOf(source),
    audio,
    mode,
    ...(sub && { sub: sourceOf(sub, 'sub') }),
    ...(encode && { encode: encodeOf(encode) }),
  };
  return id === undefined ? draft : { ...draft, id: cameraId(id, 'id') };
}

function changes(
  { source, sub, encode, ...rest }: CameraPatch,
  before: Camera,
): Parameters<Fleet['update']>[1] {
  return {
    ...rest,
    ...(source && { source: patchedSource(source, before.source) }),
    ...(sub !== undefined && { sub: sub && patchedSource(sub, before.sub ?? null, 'sub') }),
    ...(encode !== undefined && { encode: encode && encodeOf(encode) }),
  };
}

function viewOf({ camera, status }: { readonly camera: Camera; readonly status: CameraStatus }): CameraView {
  return view(camera, status);
}

function view({ sub, encode, segmentSeconds, ...camera }: Camera, status: CameraStatus): CameraView {
  return {
    ...camera,
    source: sourceView(camera.source),
    ...(sub && { sub: sourceView(sub) }),
    ...(encode && { encode }),
    ...(segmentSeconds && { segmentSeconds }),
    status: { ...status, format: status.format === null ? null : formatView(status.format) },
  };
}

/** Without how the sound is packed, which is of no use outside. */
function formatView({ video: { encodedFrom: _from, ...video }, audio }: StreamFormat): ApiStreamFormat {
  if (audio === null) return { video, audio };
  const { codec, sampleRate, channels } = audio;
  return { video, audio: { codec, sampleRate, channels } };
}
