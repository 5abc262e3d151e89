/** A camera as it is being typed in, and what is sent of it. Pure. */
import type { CameraView } from '../../types/api.ts';
import {
  emptySource,
  type Kind,
  type SourceBody,
  type SourceDraft,
  sourceBody,
  sourceDraftOf,
  sourcePatch,
} from './sourceDraft.ts';

export interface EncodeDraft {
  readonly width: string;
  readonly height: string;
  readonly fps: string;
  readonly kbitPerSecond: string;
  readonly preset: 'fast' | 'balanced' | 'small';
  readonly clock: boolean;
  readonly text: string;
  readonly position: 'top-left' | 'top-right' | 'bottom-left' | 'bottom-right';
  /** What is not asked for here, and stays as it is. */
  readonly kept: KeptEncode;
}

interface KeptEncode {
  readonly keyframeSeconds?: number;
  readonly fontSize?: number;
  /** As strftime. */
  readonly clockFormat?: string;
}

export interface Draft {
  readonly name: string;
  readonly source: SourceDraft;
  /** A smaller stream of the same picture; null for none. */
  readonly sub: SourceDraft | null;
  /** Null records what arrives. */
  readonly encode: EncodeDraft | null;
  readonly audio: boolean;
  readonly enabled: boolean;
  readonly onDemand: boolean;
  readonly mode: CameraView['mode'];
  readonly group: string;
  /** With commas between them. */
  readonly tags: string;
  /** A number, or nothing. */
  readonly position: string;
}

/** As the API takes it: of a new camera all, of a known one what was changed. */
export type CameraBody = Readonly<Record<string, unknown>>;

export const EMPTY_ENCODE: EncodeDraft = {
  width: '',
  height: '',
  fps: '',
  kbitPerSecond: '',
  preset: 'balanced',
  clock: false,
  text: '',
  position: 'top-left',
  kept: {},
};

const EMPTY: Draft = {
  name: '',
  source: emptySource('rtsp'),
  sub: null,
  encode: null,
  audio: true,
  enabled: true,
  onDemand: false,
  mode: 'continuous',
  group: '',
  tags: '',
  position: '',
};

const CLOCK = '%Y-%m-%d %H:%M:%S';

/** What newer recorders tell of a camera as well. */
interface Extras {
  readonly sub?: { readonly kind: Kind } | null;
  readonly encode?: EncodeView | null;
  readonly onDemand?: boolean;
}

interface EncodeView {
  readonly width?: number;
  readonly height?: number;
  readonly fps?: number;
  readonly kbitPerSecond?: number;
  readonly keyframeSeconds?: number;
  readonly preset: EncodeDraft['preset'];
  readonly overlay?: {
    readonly clock?: string;
    readonly text?: string;
    readonly position: EncodeDraft['position'];
    readonly fontSize?: number;
  };
}

export function draftOf(camera: CameraView | null): Draft {
  if (!camera) return EMPTY;
  const { name, audio, enabled, mode, source, group = '', tags = [], position } = camera;
  const { sub = null, encode = null, onDemand = false }: Extras = camera;
  return {
    name,
    audio,
    enabled,
    mode,
    onDemand,
    group,
    tags: tags.join(', '),
    position: position === undefined ? '' : String(position),
    source: sourceDraftOf(source),
    sub: sub && sourceDraftOf(sub),
    encode: encode && encodeDraftOf(encode),
  };
}

/** Body of `POST /cameras`. */
export function inputOf(draft: Draft): CameraBody {
  const { name, source, sub, encode, audio, enabled, onDemand, mode } = draft;
  return {
    name: name.trim(),
    source: sourceBody(source),
    audio,
    enabled,
    mode,
    ...(sub ? { sub: sourceBody(sub) } : {}),
    ...(encode ? { encode: encodeBody(encode) } : {}),
    ...(onDemand ? { onDemand } : {}),
    ...placeOf(draft, EMPTY),
  };
}

/** Group, tags and position, as far as they are other than before. */
function placeOf(draft: Draft, old: Draft): CameraBody {
  const [group, position] = [draft.group.trim(), draft.position.trim()];
  return {
    ...(group === old.group ? {} : { group: group || null }),
    ...(draft.tags.trim() === old.tags ? {} : { tags: tagsIn(draft.tags) }),
    ...(position === old.position ? {} : { position: position === '' ? null : Number(position) }),
  };
}

/** Each once, in the order in which they stand. */
function tagsIn(text: string): readonly string[] {
  return [...new Set(text.split(',').map((tag) => tag.trim()))].filter(Boolean);
}

/** Body of `PATCH`; null when nothing was changed. A source that did not change is left out: changing it connects anew. */
export function patchOf(draft: Draft, before: CameraView): CameraBody | null {
  const old = draftOf(before);
  const plain = (['audio', 'enabled', 'onDemand', 'mode'] as const).filter((key) => draft[key] !== old[key]);
  const source = sourcePatch(draft.source, old.source);
  const sub = subPatch(draft.sub, old.sub);
  const encodes = JSON.stringify(draft.encode) !== JSON.stringify(old.encode);
  const patch: CameraBody = {
    ...(draft.name.trim() === old.name ? {} : { name: draft.name.trim() }),
    ...Object.fromEntries(plain.map((key) => [key, draft[key]])),
    ...placeOf(draft, old),
    ...(source ? { source } : {}),
    ...(sub === undefined ? {} : { sub }),
    ...(encodes ? { encode: draft.encode && encodeBody(draft.encode) } : {}),
  };
  return Object.keys(patch).length > 0 ? patch : null;
}

/** Undefined when nothing was changed. */
function subPatch(draft: SourceDraft | null, old: SourceDraft | null): SourceBody | null | undefined {
  if (!draft) return old ? null : undefined;
  return old ? (sourcePatch(draft, old) ?? undefined) : sourceBody(draft);
}

function encodeDraftOf(view: EncodeView): EncodeDraft {
  const { width, height, fps, kbitPerSecond, keyframeSeconds, preset, overlay } = view;
  const { fontSize, clock: clockFormat } = overlay ?? {};
  const text = (value: number | undefined) => (value === undefined ? '' : String(value));
  return {
    width: text(width),
    height: text(height),
    fps: text(fps),
    kbitPerSecond: text(kbitPerSecond),
    preset,
    clock: overlay?.clock !== undefined,
    text: overlay?.text ?? '',
    position: overlay?.position ?? EMPTY_ENCODE.position,
    kept: {
      ...(keyframeSeconds === undefined ? {} : { keyframeSeconds }),
      ...(fontSize === undefined ? {} : { fontSize }),
      ...(clockFormat === undefined ? {} : { clockFormat }),
    },
  };
}

function encodeBody({ preset, clock, text, position, kept, ...limits }: EncodeDraft): CameraBody {
  const { clockFormat = CLOCK, fontSize, keyframeSeconds } = kept;
  const size = fontSize === undefined ? {} : { fontSize };
  const given = Object.entries(limits).filter(([, value]) => value.trim() !== '');
  const drawn = { ...(clock ? { clock: clockFormat } : {}), ...(text.trim() ? { text: text.trim() } : {}) };
  return {
    preset,
    ...(keyframeSeconds === undefined ? {} : { keyframeSeconds }),
    ...Object.fromEntries(given.map(([key, value]) => [key, Number(value)])),
    ...(clock || text.trim() ? { overlay: { ...drawn, position, ...size } } : {}),
  };
}
