/** Whether the picture is encoded anew before it is recorded, and how. */
import { SelectField, TextField } from '../ui/field.tsx';
import { more } from '../words/more/index.ts';
import type { EncodeDraft } from './draft.ts';

interface EncodeFieldsProps {
  readonly draft: EncodeDraft;
  readonly change: (draft: EncodeDraft) => void;
}

export function EncodeFields({ draft, change }: EncodeFieldsProps) {
  const { form } = more.value;
  const number = (name: 'width' | 'height' | 'fps' | 'kbitPerSecond') => (
    <TextField
      label={form.encodeFields[name]}
      type="number"
      min={1}
      value={draft[name]}
      onInput={(value) => change({ ...draft, [name]: value })}
    />
  );
  return (
    <div class="source-fields">
      {number('width')}
      {number('height')}
      {number('fps')}
      {number('kbitPerSecond')}
      <SelectField
        label={form.preset}
        value={draft.preset}
        options={[
          ['fast', form.presets.fast],
          ['balanced', form.presets.balanced],
          ['small', form.presets.small],
        ]}
        onChange={(preset) => change({ ...draft, preset })}
      />
      <SelectField
        label={form.clock}
        value={draft.clock ? 'on' : 'off'}
        options={[
          ['off', form.clockOff],
          ['on', form.clockOn],
        ]}
        onChange={(clock) => change({ ...draft, clock: clock === 'on' })}
      />
      <TextField
        label={form.overlayText}
        maxLength={64}
        value={draft.text}
        onInput={(text) => change({ ...draft, text })}
      />
      <SelectField
        label={form.position}
        value={draft.position}
        options={[
          ['top-left', form.positions.topLeft],
          ['top-right', form.positions.topRight],
          ['bottom-left', form.positions.bottomLeft],
          ['bottom-right', form.positions.bottomRight],
        ]}
        onChange={(position) => change({ ...draft, position })}
      />
    </div>
  );
}
