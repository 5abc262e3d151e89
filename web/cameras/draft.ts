/** A camera as it is being typed in, and what is sent of it. Pure. */
import type { CameraInput, CameraPatch, CameraView, SourceInput } from '../../types/api.ts';

export interface Draft {
  readonly name: string;
  readonly kind: 'rtsp' | 'test';
  readonly url: string;
  readonly username: string;
  /** Empty on a change: the stored one stays. */
  readonly password: string;
  readonly transport: 'tcp' | 'udp';
  readonly audio: boolean;
  readonly enabled: boolean;
  readonly mode: CameraView['mode'];
}

const EMPTY: Draft = {
  name: '',
  kind: 'rtsp',
  url: 'rtsp://',
  username: '',
  password: '',
  transport: 'tcp',
  audio: true,
  enabled: true,
  mode: 'continuous',
};

export function draftOf(camera: CameraView | null): Draft {
  if (!camera) return EMPTY;
  const { name, audio, enabled, mode, source } = camera;
  const common = { ...EMPTY, name, audio, enabled, mode, kind: source.kind };
  if (source.kind === 'test') return common;
  return { ...common, url: source.url, username: source.username ?? '', transport: source.transport };
}

/** The source to add or to test. */
export function sourceOf({ kind, url, username, password, transport }: Draft): SourceInput {
  if (kind === 'test') return { kind };
  return {
    kind,
    url: url.trim(),
    transport,
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
  };
}

export function inputOf(draft: Draft): CameraInput {
  const { name, audio, enabled, mode } = draft;
  return { name: name.trim(), audio, enabled, mode, source: sourceOf(draft) };
}

/** What was changed; null when nothing was. A source that did not change is left out: changing it connects anew. */
export function patchOf(draft: Draft, before: CameraView): CameraPatch | null {
  const old = draftOf(before);
  const { name, audio, enabled, mode } = draft;
  const source = sourcePatch(draft, old);
  const patch: CameraPatch = {
    ...(name.trim() === old.name ? {} : { name: name.trim() }),
    ...(audio === old.audio ? {} : { audio }),
    ...(enabled === old.enabled ? {} : { enabled }),
    ...(mode === old.mode ? {} : { mode }),
    ...(source === null ? {} : { source }),
  };
  return Object.keys(patch).length > 0 ? patch : null;
}

function sourcePatch(draft: Draft, old: Draft): NonNullable<CameraPatch['source']> | null {
  const same = (['kind', 'url', 'username', 'transport'] as const).every((key) => draft[key] === old[key]);
  if (same && draft.password === '') return null;
  if (draft.kind === 'test') return { kind: 'test' };
  const { url, username, password, transport } = draft;
  return {
    kind: 'rtsp',
    url: url.trim(),
    transport,
    username: username === '' ? null : username,
    // Without a user there is nobody whose password it could be.
    ...(password === '' ? (username === '' ? { password: null } : {}) : { password }),
  };
}
