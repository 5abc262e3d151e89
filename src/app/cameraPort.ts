/** Cameras as the API speaks of them, over the fleet: input → configuration, configuration → view. */

import type { PolicyStore, ScheduleStore } from '../archive/policyStore.ts';
import type { ProbeResult } from '../cameras/doors.ts';
import type { Fleet } from '../cameras/fleet.ts';
import type { Camera, Source } from '../domain/camera.ts';
import { byPlace } from '../domain/cameraOrder.ts';
import { NvrError } from '../domain/errors.ts';
import { type CameraId, cameraId } from '../domain/ids.ts';
import type { StreamFormat } from '../domain/media.ts';
import type { CameraStatus } from '../domain/status.ts';
import type { CamerasPort } from '../http/ports.ts';
import type { CameraInput, CameraPatch, CameraView } from '../http/wire/camera.ts';
import type { StreamFormat as ApiStreamFormat } from '../http/wire/status.ts';
import { foundFormat } from './foundFormat.ts';
import { encodeOf, patchedSource, sourceOf, sourceView } from './sources.ts';

/** Names that stand in addresses where the id of a camera does. */
const RESERVED: readonly string[] = ['bulk'];
const LONGEST_NAME = 100;

/** When cameras record, and how long their footage is kept. */
interface Rules {
  readonly policies: Pick<PolicyStore, 'all' | 'set'>;
  readonly schedules: Pick<ScheduleStore, 'get' | 'set'>;
}

export function cameraPort(
  fleet: Fleet,
  rules: Rules,
  probe: (source: Source) => Promise<ProbeResult>,
  picture: (source: Source) => Promise<Buffer>,
): CamerasPort {
  return {
    list: () =>
      fleet
        .list()
        .toSorted((a, b) => byPlace(a.camera, b.camera))
        .map(viewOf),
    get: (id) => viewOf(fleet.get(id)),
    create: (input) => viewOf(fleet.create(newCamera(input))),
    update: (id, patch, expected) => viewOf(fleet.update(id, changes(patch, fleet.get(id).camera), expected)),
    remove: (id, expected) => fleet.remove(id, expected),
    clone(id, name) {
      const copy = fleet.create(copyOf(fleet.get(id).camera, name));
      copyRules(rules, id, copy.camera.id);
      fleet.reschedule(copy.camera.id);
      return viewOf(copy);
    },
    startRecording: (id) => viewOf(fleet.startRecording(id)),
    stopRecording: (id) => viewOf(fleet.stopRecording(id)),
    async probe(source) {
      const fields = { source: 'source', sound: 'source.audioDevice' };
      return formatView(foundFormat(await probe(sourceOf(source)), fields));
    },
    probePicture: async (source) => await picture(sourceOf(source)),
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
  if (id === undefined) return draft;
  if (RESERVED.includes(id)) {
    throw new NvrError('invalid', `${id} can’t be the id of a camera: choose another one.`, { field: 'id' });
  }
  return { ...draft, id: cameraId(id, 'id') };
}

/** Disabled, because a device or a port can be opened only once; under an id of its own. */
function copyOf(camera: Camera, name: string | null): Parameters<Fleet['create']>[0] {
  const { id: _id, revision: _revision, createdMs: _created, updatedMs: _updated, ...draft } = camera;
  const suffix = ' (copy)';
  const made = `${camera.name.slice(0, LONGEST_NAME - suffix.length)}${suffix}`;
  return { ...draft, name: name?.trim() ?? made, enabled: false };
}

/** Those that were set; an override is for now, and not for the copy. */
function copyRules({ policies, schedules }: Rules, from: CameraId, to: CameraId): void {
  const policy = policies.all().get(from);
  if (policy !== undefined) policies.set(to, policy);
  const schedule = schedules.get(from);
  if (schedule !== null) schedules.set(to, { ...schedule, override: null });
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

function view(stored: Camera, status: CameraStatus): CameraView {
  const { sub, encode, segmentSeconds, group, tags, position, ...camera } = stored;
  return {
    ...camera,
    source: sourceView(camera.source),
    ...(sub && { sub: sourceView(sub) }),
    ...(encode && { encode }),
    ...(segmentSeconds && { segmentSeconds }),
    ...(group && { group }),
    ...(tags !== undefined && tags.length > 0 && { tags }),
    ...(position !== undefined && position !== null && { position }),
    status: { ...status, format: status.format === null ? null : formatView(status.format) },
  };
}

/** Without how the sound is packed, which is of no use outside. */
function formatView({ video: { encodedFrom: _from, ...video }, audio }: StreamFormat): ApiStreamFormat {
  if (audio === null) return { video, audio };
  const { codec, sampleRate, channels } = audio;
  return { video, audio: { codec, sampleRate, channels } };
}
