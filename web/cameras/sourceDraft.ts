/** A source as it is being typed in: its kind, and its fields as text. Which fields a kind has is one table. Pure. */

export const KINDS = ['rtsp', 'rtmp', 'hls', 'http', 'udp', 'srt', 'v4l2', 'file', 'test'] as const;
export type Kind = (typeof KINDS)[number];

export type FieldName =
  | 'url'
  | 'username'
  | 'password'
  | 'transport'
  | 'role'
  | 'streamId'
  | 'latencyMs'
  | 'path'
  | 'device'
  | 'pixelFormat'
  | 'width'
  | 'height'
  | 'fps'
  | 'audioDevice';

interface FieldRule {
  readonly name: FieldName;
  readonly required?: true;
  readonly number?: true;
  /** What is sent when nothing else was chosen. */
  readonly standard?: string;
}

export type SourceDraft = { readonly kind: Kind } & Readonly<Record<FieldName, string>>;

/** As the API takes it. */
export type SourceBody = Readonly<Record<string, string | number | null>>;

const URL_FIELD: FieldRule = { name: 'url', required: true };
const LOGIN: readonly FieldRule[] = [{ name: 'username' }, { name: 'password' }];
const PICTURE: readonly FieldRule[] = [
  { name: 'width', number: true },
  { name: 'height', number: true },
  { name: 'fps', number: true },
];

export const FIELDS: Readonly<Record<Kind, readonly FieldRule[]>> = {
  rtsp: [URL_FIELD, ...LOGIN, { name: 'transport', standard: 'tcp' }],
  rtmp: [URL_FIELD, ...LOGIN],
  hls: [URL_FIELD, ...LOGIN],
  http: [URL_FIELD, ...LOGIN],
  udp: [URL_FIELD],
  srt: [
    URL_FIELD,
    { name: 'role', standard: 'caller' },
    { name: 'streamId' },
    { name: 'password' },
    { name: 'latencyMs', number: true },
  ],
  v4l2: [{ name: 'device', required: true }, { name: 'pixelFormat' }, ...PICTURE, { name: 'audioDevice' }],
  file: [{ name: 'path', required: true }],
  test: PICTURE,
};

/** What an address of the kind begins with. */
export const SCHEMES: Readonly<Partial<Record<Kind, string>>> = {
  rtsp: 'rtsp://',
  rtmp: 'rtmp://',
  hls: 'http://',
  http: 'http://',
  udp: 'udp://',
  srt: 'srt://',
};

export function emptySource(kind: Kind): SourceDraft {
  return {
    kind,
    url: SCHEMES[kind] ?? '',
    username: '',
    password: '',
    transport: 'tcp',
    role: 'caller',
    streamId: '',
    latencyMs: '',
    path: '',
    device: '',
    pixelFormat: '',
    width: '',
    height: '',
    fps: '',
    audioDevice: '',
  };
}

/** What of a source is shown for a change. A password never is. */
export function sourceDraftOf(view: { readonly kind: Kind }): SourceDraft {
  const draft = emptySource(view.kind);
  const known = new Map<string, unknown>(Object.entries(view));
  const read = ({ name }: FieldRule) => [name, String(known.get(name) ?? draft[name])] as const;
  return { ...draft, ...Object.fromEntries(FIELDS[view.kind].map(read)) };
}

/** Another kind keeps the address, where the new one has any, but for its beginning. */
export function withKind(draft: SourceDraft, kind: Kind): SourceDraft {
  const typed = draft.url.replace(/^[a-z]+:\/\//i, '');
  return { ...emptySource(kind), username: draft.username, url: (SCHEMES[kind] ?? '') + typed };
}

/** The source to add or to test. */
export function sourceBody(draft: SourceDraft): SourceBody {
  const filled = FIELDS[draft.kind].filter(({ name }) => draft[name].trim() !== '');
  return { kind: draft.kind, ...Object.fromEntries(filled.map((rule) => [rule.name, valueIn(rule, draft)])) };
}

/** What was changed; null when nothing was. An empty password stays; what was emptied is removed. */
export function sourcePatch(draft: SourceDraft, old: SourceDraft): SourceBody | null {
  if (draft.kind !== old.kind) return sourceBody(draft);
  const changed = FIELDS[draft.kind].filter(({ name }) => draft[name] !== old[name]);
  if (changed.length === 0) return null;
  const entries = changed.map((rule) => [
    rule.name,
    draft[rule.name].trim() === '' ? null : valueIn(rule, draft),
  ]);
  // Without a user there is nobody whose password it could be.
  const orphaned = draft.username === '' && old.username !== '' && draft.password === '';
  return { kind: draft.kind, ...Object.fromEntries(entries), ...(orphaned ? { password: null } : {}) };
}

function valueIn({ name, number }: FieldRule, draft: SourceDraft): string | number {
  const text = name === 'password' ? draft[name] : draft[name].trim();
  return number ? Number(text) : text;
}
