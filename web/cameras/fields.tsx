/** The fields of a camera: what everybody needs first, the rest folded away. */
import type { ComponentChildren } from 'preact';
import type { CameraView } from '../../types/api.ts';
import { Check, SelectField, TextField } from '../ui/field.tsx';
import { words } from '../words/index.ts';
import { more } from '../words/more/index.ts';
import { type Draft, EMPTY_ENCODE } from './draft.ts';
import { EncodeFields } from './encodeFields.tsx';
import type { Keeping } from './keeping.ts';
import { RetentionFields } from './retentionFields.tsx';
import { ScheduleFields } from './scheduleFields.tsx';
import { emptySource } from './sourceDraft.ts';
import { SourceFields } from './sourceFields.tsx';
import { SourceTest } from './sourceTest.tsx';

interface FieldsProps {
  readonly draft: Draft;
  readonly camera: CameraView | null;
  /** The field that is wrong, as the API names it. */
  readonly wrong: string | null;
  readonly change: (part: Partial<Draft>) => void;
}

const MODES = ['continuous', 'scheduled', 'manual', 'off'] as const;

export function CameraFields({ draft, camera, wrong, change }: FieldsProps) {
  const { cameras: say } = words.value;
  return (
    <>
      <TextField
        label={say.name}
        required
        maxLength={100}
        placeholder={say.namePlaceholder}
        value={draft.name}
        wrong={wrong === 'name'}
        onInput={(name) => change({ name })}
      />
      <SourceFields
        draft={draft.source}
        stored={hasPassword(camera?.source)}
        wrong={within(wrong, 'source')}
        change={(source) => change({ source })}
      />
      <SourceTest draft={draft.source} camera={camera} />
      <SelectField
        label={say.mode}
        value={draft.mode}
        wrong={wrong === 'mode'}
        options={MODES.map((mode) => [mode, say.modesLong[mode]] as const)}
        onChange={(mode) => change({ mode })}
      />
      <div class="checks">
        <Check label={say.audio} checked={draft.audio} onChange={(audio) => change({ audio })} />
        <Check label={say.enabled} checked={draft.enabled} onChange={(enabled) => change({ enabled })} />
        <Check
          label={more.value.form.onDemand}
          checked={draft.onDemand}
          onChange={(onDemand) => change({ onDemand })}
        />
      </div>
    </>
  );
}

interface MoreFieldsProps extends FieldsProps {
  readonly keeping: Keeping;
  readonly changeKeeping: (part: Partial<Keeping>) => void;
}

/** How it is found among many. */
function PlaceFields({ draft, wrong, change }: Pick<FieldsProps, 'draft' | 'wrong' | 'change'>) {
  const { place } = more.value.form;
  return (
    <div class="source-fields">
      <TextField
        label={place.group}
        hint={place.groupHint}
        maxLength={60}
        value={draft.group}
        wrong={wrong === 'group'}
        onInput={(group) => change({ group })}
      />
      <TextField
        label={place.tags}
        hint={place.tagsHint}
        value={draft.tags}
        wrong={wrong?.startsWith('tags') === true}
        onInput={(tags) => change({ tags })}
      />
      <TextField
        label={place.position}
        hint={place.positionHint}
        type="number"
        min={0}
        value={draft.position}
        wrong={wrong === 'position'}
        onInput={(position) => change({ position })}
      />
    </div>
  );
}

/** What has a good standard for most. */
export function MoreFields({ draft, camera, wrong, change, keeping, changeKeeping }: MoreFieldsProps) {
  const { form, schedule, retention } = more.value;
  return (
    <div class="folds">
      {draft.mode === 'scheduled' && keeping.schedule && (
        <Fold title={schedule.title} open>
          <ScheduleFields draft={keeping.schedule} change={(next) => changeKeeping({ schedule: next })} />
        </Fold>
      )}
      <Fold title={form.place.title} open={['group', 'tags', 'position'].includes(wrong ?? '')}>
        <PlaceFields draft={draft} wrong={wrong} change={change} />
      </Fold>
      {keeping.retention && (
        <Fold title={retention.title}>
          <RetentionFields
            draft={keeping.retention}
            wrong={wrong}
            change={(next) => changeKeeping({ retention: next })}
          />
        </Fold>
      )}
      <Fold title={form.sub} open={draft.sub !== null && wrong?.startsWith('sub') === true}>
        <p class="muted">{form.subText}</p>
        <Check
          label={form.subUse}
          checked={draft.sub !== null}
          onChange={(on) =>
            change({ sub: on ? { ...draft.source, ...emptySource(draft.source.kind) } : null })
          }
        />
        {draft.sub && (
          <SourceFields
            draft={draft.sub}
            stored={hasPassword(camera && 'sub' in camera ? camera.sub : null)}
            wrong={within(wrong, 'sub')}
            sub
            change={(sub) => change({ sub })}
          />
        )}
      </Fold>
      <Fold title={form.encode} open={draft.encode !== null && wrong?.startsWith('encode') === true}>
        <p class="muted">{form.encodeText}</p>
        <Check
          label={form.encodeUse}
          checked={draft.encode !== null}
          onChange={(on) => change({ encode: on ? EMPTY_ENCODE : null })}
        />
        {draft.encode && <EncodeFields draft={draft.encode} change={(encode) => change({ encode })} />}
      </Fold>
    </div>
  );
}

interface FoldProps {
  readonly title: string;
  readonly open?: boolean;
  readonly children: ComponentChildren;
}

function Fold({ title, open = false, children }: FoldProps) {
  return (
    <details class="fold" open={open}>
      <summary>{title}</summary>
      <div class="fold-body">{children}</div>
    </details>
  );
}

/** What is behind `source.` of `source.url`; null for another field. */
function within(field: string | null, part: string): string | null {
  if (field === part) return 'url';
  return field?.startsWith(`${part}.`) ? field.slice(part.length + 1) : null;
}

function hasPassword(source: unknown): boolean {
  return (
    typeof source === 'object' && source !== null && 'hasPassword' in source && source.hasPassword === true
  );
}
