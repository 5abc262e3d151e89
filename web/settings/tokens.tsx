/** Tokens by which programs work in the name of this user. */
import { useSignal } from '@preact/signals';
import type { Role, TokenView } from '../../types/api.ts';
import { request } from '../core/api.ts';
import { exactNow, now } from '../core/clock.ts';
import { durationText } from '../core/format.ts';
import { useResource } from '../core/resource.ts';
import { useAction } from '../ui/action.ts';
import { Note } from '../ui/button.tsx';
import { SelectField, TextField } from '../ui/field.tsx';
import { FormDialog } from '../ui/formDialog.tsx';
import { Icon } from '../ui/icon.tsx';
import { Panel } from '../ui/panel.tsx';
import { words } from '../words/index.ts';
import { more } from '../words/more/index.ts';
import { type Grant, GrantFields, grantText } from './grantFields.tsx';
import { Secret } from './secret.tsx';

const DAY_MS = 86_400_000;
const LIVES = ['30', '365', ''] as const;

export function Tokens() {
  const { tokens: say, users } = more.value;
  const resource = useResource<{ readonly tokens: readonly TokenView[] }>('/tokens');
  const open = useSignal(false);
  const made = useSignal<string | null>(null);
  const action = useAction();
  const revoke = async (id: string) => {
    await action.run(() => request('DELETE', `/tokens/${id}`));
    await resource.reload();
  };
  return (
    <Panel title={say.title} text={say.text} resource={resource}>
      {({ tokens }) => (
        <>
          {made.value && <Secret said={say.made} text={made.value} />}
          {action.failure.value && <Note kind="bad">{action.failure.value}</Note>}
          {tokens.length === 0 && <p class="muted">{say.none}</p>}
          <ul class="rows">
            {tokens.map(({ id, name, role, cameras, usedMs }) => (
              <li key={id}>
                <span>
                  <strong>{name}</strong>
                  <span class="cell-sub">
                    {[
                      users.roles[role],
                      grantText(cameras),
                      usedMs === null ? say.unused : say.used(durationText(now.value - usedMs)),
                    ].join(' · ')}
                  </span>
                </span>
                <button type="button" class="button small" onClick={() => void revoke(id)}>
                  {say.revoke}
                </button>
              </li>
            ))}
          </ul>
          <button
            type="button"
            class="button"
            onClick={() => {
              open.value = true;
            }}
          >
            <Icon name="plus" />
            {say.add}
          </button>
          {open.value && (
            <TokenDialog
              onMade={(token) => {
                made.value = token;
                void resource.reload();
              }}
              onClose={() => {
                open.value = false;
              }}
            />
          )}
        </>
      )}
    </Panel>
  );
}

interface TokenDialogProps {
  readonly onMade: (token: string) => void;
  readonly onClose: () => void;
}

function TokenDialog({ onMade, onClose }: TokenDialogProps) {
  const { tokens: say } = more.value;
  const name = useSignal('');
  const life = useSignal<(typeof LIVES)[number]>('365');
  const may = useSignal<{ readonly role: Role; readonly grant: Grant }>({ role: 'viewer', grant: 'all' });
  const send = async () => {
    const { role, grant } = may.value;
    const expiresMs = life.value === '' ? null : Math.round(exactNow() + Number(life.value) * DAY_MS);
    const body = { name: name.value.trim(), role, cameras: role === 'admin' ? 'all' : grant, expiresMs };
    const { token } = await request<{ readonly token: string }>('POST', '/tokens', { body });
    onMade(token);
  };
  return (
    <FormDialog title={say.add} submit={words.value.common.save} onClose={onClose} onSubmit={send}>
      <TextField
        label={say.name}
        required
        maxLength={100}
        placeholder="Home Assistant"
        value={name.value}
        onInput={(value) => {
          name.value = value;
        }}
      />
      <GrantFields
        {...may.value}
        change={(part) => {
          may.value = { ...may.peek(), ...part };
        }}
      />
      <SelectField
        label={say.expires}
        value={life.value}
        options={LIVES.map((each) => [each, each === '' ? say.never : say.days(Number(each))] as const)}
        onChange={(next) => {
          life.value = next;
        }}
      />
    </FormDialog>
  );
}
