/** The fields of a camera. */
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import type { CameraView } from '../../types/api.ts';
import { words } from '../words/index.ts';
import type { Draft } from './draft.ts';
import { addressOf, hostOf, TEMPLATES } from './templates.ts';

interface FieldsProps {
  readonly draft: Draft;
  readonly camera: CameraView | null;
  /** The field that is wrong, as the API names it. */
  readonly wrong: string | null;
  readonly change: (part: Partial<Draft>) => void;
}

/** A schedule can be kept, but not be chosen: there is no place here yet to write one. */
const MODES = ['continuous', 'scheduled', 'manual', 'off'] as const;

export function CameraFields(props: FieldsProps) {
  const { draft, camera, wrong, change } = props;
  const { cameras: say } = words.value;
  return (
    <>
      <Field label={say.name} wrong={wrong === 'name'}>
        {(control) => (
          <input
            {...control}
            required
            maxLength={100}
            placeholder={say.namePlaceholder}
            value={draft.name}
            onInput={({ currentTarget }) => change({ name: currentTarget.value })}
          />
        )}
      </Field>
      {draft.kind === 'rtsp' ? <RtspFields {...props} /> : <p class="field-hint">{say.testPatternText}</p>}
      <Field label={say.mode} wrong={wrong === 'mode'}>
        {(control) => (
          <select
            {...control}
            value={draft.mode}
            onChange={({ currentTarget }) => {
              const mode = MODES.find((each) => each === currentTarget.value);
              if (mode) change({ mode });
            }}
          >
            {MODES.filter((mode) => mode !== 'scheduled' || camera?.mode === mode).map((mode) => (
              <option key={mode} value={mode}>
                {say.modesLong[mode]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <div class="checks">
        <Check label={say.audio} checked={draft.audio} onChange={(audio) => change({ audio })} />
        <Check label={say.enabled} checked={draft.enabled} onChange={(enabled) => change({ enabled })} />
      </div>
    </>
  );
}

function RtspFields({ draft, camera, wrong, change }: FieldsProps) {
  const { cameras: say } = words.value;
  const stored = camera?.source.kind === 'rtsp' && camera.source.hasPassword;
  return (
    <>
      <Field label={say.address} hint={say.addressHint} wrong={wrong === 'source.url' || wrong === 'source'}>
        {(control) => (
          <input
            {...control}
            required
            spellcheck={false}
            autocapitalize="none"
            inputMode="url"
            placeholder="rtsp://192.168.1.20:554/stream1"
            value={draft.url}
            onInput={({ currentTarget }) => change({ url: currentTarget.value })}
          />
        )}
      </Field>
      <MakerChoice draft={draft} change={change} />
      <div class="columns">
        <Field label={say.username} wrong={wrong === 'source.username'}>
          {(control) => (
            <input
              {...control}
              autocomplete="off"
              autocapitalize="none"
              spellcheck={false}
              value={draft.username}
              onInput={({ currentTarget }) => change({ username: currentTarget.value })}
            />
          )}
        </Field>
        <Field label={say.password} wrong={wrong === 'source.password'}>
          {(control) => (
            <input
              {...control}
              type="password"
              autocomplete="new-password"
              placeholder={stored ? say.passwordStored : ''}
              value={draft.password}
              onInput={({ currentTarget }) => change({ password: currentTarget.value })}
            />
          )}
        </Field>
      </div>
      <Field label={say.transport} hint={say.transportHint} wrong={wrong === 'source.transport'}>
        {(control) => (
          <select
            {...control}
            value={draft.transport}
            onChange={({ currentTarget }) =>
              change({ transport: currentTarget.value === 'udp' ? 'udp' : 'tcp' })
            }
          >
            <option value="tcp">TCP</option>
            <option value="udp">UDP</option>
          </select>
        )}
      </Field>
    </>
  );
}

/** Fills in how the maker calls its main stream, once a host is there. */
function MakerChoice({ draft, change }: Pick<FieldsProps, 'draft' | 'change'>) {
  const { cameras: say } = words.value;
  const host = hostOf(draft.url);
  return (
    <Field label={say.maker} hint={host === null ? say.makerHint : undefined} wrong={false}>
      {(control) => (
        <select
          {...control}
          value=""
          disabled={host === null}
          onChange={({ currentTarget }) => {
            const template = TEMPLATES.find(({ maker }) => maker === currentTarget.value);
            if (template && host !== null) change({ url: addressOf(template, host) });
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

/** What ties a control to its name and hint; to be spread onto it. */
interface Control {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean;
}

interface FieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly wrong: boolean;
  readonly children: (control: Control) => ComponentChildren;
}

/** A control under its name; a hint is read with it, and what is wrong is said, not only coloured. */
function Field({ label, hint, wrong, children }: FieldProps) {
  const id = useId();
  const described = hint ? `${id}-hint` : undefined;
  return (
    <div class="field">
      <label for={id}>
        {label}
        {wrong && <span class="field-error"> – {words.value.cameras.checkField}</span>}
      </label>
      {children({ id, 'aria-describedby': described, 'aria-invalid': wrong })}
      {hint && (
        <span class="field-hint" id={described}>
          {hint}
        </span>
      )}
    </div>
  );
}

interface CheckProps {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

function Check({ label, checked, onChange }: CheckProps) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={checked}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
      <span>{label}</span>
    </label>
  );
}
