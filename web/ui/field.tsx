/** A control under its name; a hint is read with it, and what is wrong is said, not only coloured. */
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { words } from '../words/index.ts';

/** What ties a control to its name and hint; to be spread onto it. */
export interface Control {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean;
}

interface FieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly wrong?: boolean;
  readonly children: (control: Control) => ComponentChildren;
}

export function Field({ label, hint, wrong = false, children }: FieldProps) {
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

interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly hint?: string | undefined;
  readonly wrong?: boolean;
  readonly required?: boolean;
  readonly type?: 'text' | 'password' | 'number';
  readonly placeholder?: string;
  readonly maxLength?: number;
  readonly min?: number;
  readonly autocomplete?: string;
}

export function TextField({ label, hint, wrong, onInput, type, ...rest }: TextFieldProps) {
  const take = ({ currentTarget }: { readonly currentTarget: HTMLInputElement }) =>
    onInput(currentTarget.value);
  const common = { autocapitalize: 'none', spellcheck: false, ...rest, onInput: take } as const;
  return (
    <Field label={label} hint={hint} wrong={wrong ?? false}>
      {(control) => {
        if (type === 'password') return <input {...control} {...common} type="password" />;
        if (type === 'number') return <input {...control} {...common} type="number" step="any" />;
        return <input {...control} {...common} type="text" />;
      }}
    </Field>
  );
}

interface SelectFieldProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [T, string])[];
  readonly onChange: (value: T) => void;
  readonly hint?: string | undefined;
  readonly wrong?: boolean;
}

export function SelectField<T extends string>(props: SelectFieldProps<T>) {
  const { label, value, options, onChange, hint, wrong } = props;
  return (
    <Field label={label} hint={hint} wrong={wrong ?? false}>
      {(control) => (
        <select
          {...control}
          value={value}
          onChange={({ currentTarget }) => {
            const chosen = options.find(([key]) => key === currentTarget.value);
            if (chosen) onChange(chosen[0]);
          }}
        >
          {options.map(([key, name]) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface CheckProps {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

export function Check({ label, checked, onChange }: CheckProps) {
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
