/** How long footage of a camera is kept: limits, guarantees, and whose comes first when the disk is full. */
import { TextField } from '../ui/field.tsx';
import { more } from '../words/more/index.ts';
import type { RetentionDraft } from './retentionDraft.ts';

interface RetentionFieldsProps {
  readonly draft: RetentionDraft;
  readonly wrong: string | null;
  readonly change: (draft: RetentionDraft) => void;
}

const NAMES = ['maxDays', 'maxGigabytes', 'minDays', 'minGigabytes', 'priority'] as const;
const AS_THE_API: Readonly<Record<string, (typeof NAMES)[number]>> = {
  maxAgeMs: 'maxDays',
  maxBytes: 'maxGigabytes',
  minAgeMs: 'minDays',
  minBytes: 'minGigabytes',
  priority: 'priority',
};

export function RetentionFields({ draft, wrong, change }: RetentionFieldsProps) {
  const { retention: say } = more.value;
  return (
    <>
      <p class="muted">{say.text}</p>
      <div class="source-fields">
        {NAMES.map((name) => (
          <TextField
            key={name}
            label={say.fields[name]}
            hint={say.hints[name]}
            type="number"
            min={0}
            value={draft[name]}
            wrong={wrong !== null && AS_THE_API[wrong] === name}
            onInput={(value) => change({ ...draft, [name]: value })}
          />
        ))}
      </div>
    </>
  );
}
