/** The fields of a source: its kind first, then what that kind needs. */
import type { DeviceList } from '../../types/api.ts';
import { useResource } from '../core/resource.ts';
import { Field, SelectField, TextField } from '../ui/field.tsx';
import { words } from '../words/index.ts';
import { more } from '../words/more/index.ts';
import { FIELDS, type FieldName, KINDS, type SourceDraft, withKind } from './sourceDraft.ts';
import { addressOf, hostOf, subAddressOf, TEMPLATES } from './templates.ts';

interface SourceFieldsProps {
  readonly draft: SourceDraft;
  /** Whether a password is kept already. */
  readonly stored: boolean;
  /** The field that is wrong, as the API names it without what is before it. */
  readonly wrong: string | null;
  /** A smaller stream: its makers' addresses are others. */
  readonly sub?: boolean;
  readonly change: (draft: SourceDraft) => void;
}

const EXAMPLES: Readonly<Partial<Record<SourceDraft['kind'], string>>> = {
  rtsp: 'rtsp://192.168.1.20:554/stream1',
  rtmp: 'rtmp://192.168.1.30/live/door',
  hls: 'http://192.168.1.30/live/door.m3u8',
  http: 'http://192.168.1.31/video.mjpg',
  udp: 'udp://239.1.1.7:5000',
  srt: 'srt://192.168.1.32:9000',
};

export function SourceFields(props: SourceFieldsProps) {
  const { draft, change } = props;
  const { form } = more.value;
  return (
    <>
      <SelectField
        label={form.kind}
        value={draft.kind}
        options={KINDS.map((kind) => [kind, form.kinds[kind]] as const)}
        onChange={(kind) => change(withKind(draft, kind))}
        hint={form.kindHints[draft.kind]}
      />
      <div class="source-fields">
        {FIELDS[draft.kind].map(({ name, required }) => (
          <OneField key={name} {...props} name={name} required={required ?? false} />
        ))}
      </div>
    </>
  );
}

interface OneFieldProps extends SourceFieldsProps {
  readonly name: FieldName;
  readonly required: boolean;
}

function OneField({ draft, stored, wrong, sub = false, change, name, required }: OneFieldProps) {
  const { cameras: say } = words.value;
  const { form } = more.value;
  const set = (value: string) => change({ ...draft, [name]: value });
  const common = { value: draft[name], onInput: set, wrong: wrong === name, required };
  switch (name) {
    case 'url':
      return (
        <div class="field-wide">
          <TextField
            {...common}
            label={say.address}
            hint={draft.kind === 'rtsp' ? say.addressHint : undefined}
            placeholder={EXAMPLES[draft.kind] ?? ''}
          />
          {draft.kind === 'rtsp' && <MakerChoice draft={draft} sub={sub} change={change} />}
        </div>
      );
    case 'password':
      return (
        <TextField
          {...common}
          label={draft.kind === 'srt' ? form.passphrase : say.password}
          type="password"
          autocomplete="new-password"
          placeholder={stored ? say.passwordStored : ''}
        />
      );
    case 'transport':
      return (
        <SelectField
          label={say.transport}
          value={draft.transport}
          options={[
            ['tcp', 'TCP'],
            ['udp', 'UDP'],
          ]}
          onChange={set}
          hint={say.transportHint}
        />
      );
    case 'role':
      return (
        <SelectField
          label={form.role}
          value={draft.role}
          options={Object.entries(form.roles)}
          onChange={set}
        />
      );
    case 'device':
    case 'audioDevice':
      return <DeviceField name={name} draft={draft} wrong={wrong === name} change={change} />;
    default:
      return (
        <TextField
          {...common}
          label={name === 'username' ? say.username : form.fields[name]}
          type={NUMBERS.includes(name) ? 'number' : 'text'}
          autocomplete="off"
        />
      );
  }
}

const NUMBERS: readonly FieldName[] = ['latencyMs', 'width', 'height', 'fps'];

/** Fills in how the maker calls its stream, once a host is there. */
function MakerChoice({ draft, sub, change }: Required<Pick<SourceFieldsProps, 'draft' | 'sub' | 'change'>>) {
  const { cameras: say } = words.value;
  const host = hostOf(draft.url);
  return (
    <Field label={say.maker} hint={host === null ? say.makerHint : undefined}>
      {(control) => (
        <select
          {...control}
          value=""
          disabled={host === null}
          onChange={({ currentTarget }) => {
            const template = TEMPLATES.find(({ maker }) => maker === currentTarget.value);
            const address = sub ? subAddressOf : addressOf;
            if (template && host !== null) change({ ...draft, url: address(template, host) });
            currentTarget.value = '';
          }}
        >
          <option value="">{say.makerChoose}</option>
          {TEMPLATES.map(({ maker }) => (
            <option key={maker} value={maker}>
              {maker}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

type DeviceFieldProps = Pick<OneFieldProps, 'draft' | 'change'> & {
  readonly name: 'device' | 'audioDevice';
  readonly wrong: boolean;
};

/** The capture devices of the recorder's machine, with what keeps it from using one; by hand when it lists none. */
function DeviceField({ name, draft, wrong, change }: DeviceFieldProps) {
  const { form } = more.value;
  const state = useResource<DeviceList>('/devices').state.value;
  const sound = name === 'audioDevice';
  const listed = state.kind === 'known' ? (sound ? state.value.audio : state.value.video) : [];
  const set = (device: string) => change({ ...draft, [name]: device });
  const common = { label: form.fields[name], value: draft[name], wrong };
  if (listed.length === 0) {
    return (
      <TextField
        {...common}
        onInput={set}
        required={!sound}
        placeholder={sound ? 'hw:1,0' : '/dev/video0'}
        hint={state.kind === 'known' ? form.noDevices : undefined}
      />
    );
  }
  const known = listed.map((each) => [each.device, `${each.name} (${each.device})`] as const);
  // One that is away at the moment stays chosen.
  const away = draft[name] !== '' && !known.some(([device]) => device === draft[name]);
  return (
    <SelectField
      {...common}
      options={[
        ['', sound ? form.noSoundDevice : form.chooseDevice],
        ...known,
        ...(away ? [[draft[name], draft[name]] as const] : []),
      ]}
      onChange={set}
      hint={listed.find(({ device }) => device === draft[name])?.problem ?? undefined}
    />
  );
}
