/** Who did what, newest first. */
import { useSignal } from '@preact/signals';
import type { AuditEntry } from '../../types/api.ts';
import { get } from '../core/api.ts';
import { dateText, secondsText } from '../core/format.ts';
import { useResource } from '../core/resource.ts';
import { Panel } from '../ui/panel.tsx';
import { more } from '../words/more/index.ts';

interface AuditPage {
  readonly entries: readonly AuditEntry[];
  readonly next: string | null;
}

const PAGE = 20;

export function Audit() {
  const { audit: say } = more.value;
  const resource = useResource<AuditPage>(`/audit?limit=${PAGE}`);
  const older = useSignal<AuditPage | null>(null);
  return (
    <Panel title={say.title} resource={resource}>
      {(first) => {
        const entries = [...first.entries, ...(older.value?.entries ?? [])];
        const { next } = older.value ?? first;
        const load = async () => {
          const page = await get<AuditPage>(`/audit?limit=${PAGE}&cursor=${next}`);
          older.value = { entries: [...(older.peek()?.entries ?? []), ...page.entries], next: page.next };
        };
        return (
          <>
            {entries.length === 0 && <p class="muted">{say.none}</p>}
            <ul class="rows events">
              {entries.map((entry) => (
                <Entry key={entry.id} entry={entry} />
              ))}
            </ul>
            {next && (
              <button type="button" class="button" onClick={() => void load().catch(() => undefined)}>
                {say.more}
              </button>
            )}
          </>
        );
      }}
    </Panel>
  );
}

function Entry({
  entry: { atMs, user, action, target, fields, address, status },
}: {
  readonly entry: AuditEntry;
}) {
  const [method = ''] = action.split(' ');
  return (
    <li>
      <time dateTime={new Date(atMs).toISOString()}>
        {dateText(atMs)} {secondsText(atMs)}
      </time>
      <span>
        <strong>{user || '–'}</strong> {method} {target}
        <span class="cell-sub">{[address, ...fields].filter(Boolean).join(' · ')}</span>
      </span>
      <span class={status < 400 ? 'muted' : 'field-error'}>{status}</span>
    </li>
  );
}
