/** The user who is logged in: log out, another password, where else they are logged in. */
import { useSignal } from '@preact/signals';
import type { SessionEntry } from '../../types/api.ts';
import { request } from '../core/api.ts';
import { now } from '../core/clock.ts';
import { durationText } from '../core/format.ts';
import { useResource } from '../core/resource.ts';
import { logOut, session } from '../core/session.ts';
import { useAction } from '../ui/action.ts';
import { Note } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { FormDialog } from '../ui/formDialog.tsx';
import { Icon } from '../ui/icon.tsx';
import { Panel } from '../ui/panel.tsx';
import { words } from '../words/index.ts';
import { more } from '../words/more/index.ts';

export function Account() {
  const { settings, common } = words.value;
  const { account } = more.value;
  const open = useSignal(false);
  const changed = useSignal(false);
  const who = session.value;
  if (who === null || who === 'asking') return null;
  return (
    <section class="panel">
      <h2>{settings.account}</h2>
      <div class="setting">
        <span>
          <strong>{who.name}</strong> <span class="muted">{settings.roles[who.role]}</span>
        </span>
        <span class="row-actions">
          <button
            type="button"
            class="button"
            onClick={() => {
              open.value = true;
            }}
          >
            {account.password}
          </button>
          <button type="button" class="button" onClick={() => void logOut()}>
            <Icon name="logout" />
            {common.logOut}
          </button>
        </span>
      </div>
      {changed.value && <Note kind="good">{account.changed}</Note>}
      {open.value && (
        <PasswordDialog
          onDone={() => {
            changed.value = true;
          }}
          onClose={() => {
            open.value = false;
          }}
        />
      )}
    </section>
  );
}

interface PasswordDialogProps {
  readonly onDone: () => void;
  readonly onClose: () => void;
}

function PasswordDialog({ onDone, onClose }: PasswordDialogProps) {
  const { account, setup } = more.value;
  const current = useSignal('');
  const password = useSignal('');
  const send = async () => {
    await request('POST', '/session/password', {
      body: { current: current.value, password: password.value },
    });
    onDone();
  };
  return (
    <FormDialog title={account.password} submit={words.value.common.save} onClose={onClose} onSubmit={send}>
      <TextField
        label={account.current}
        type="password"
        autocomplete="current-password"
        required
        value={current.value}
        onInput={(value) => {
          current.value = value;
        }}
      />
      <TextField
        label={account.next}
        type="password"
        autocomplete="new-password"
        required
        hint={setup.passwordHint}
        value={password.value}
        onInput={(value) => {
          password.value = value;
        }}
      />
    </FormDialog>
  );
}

export function Sessions() {
  const { sessions: say } = more.value;
  const resource = useResource<{ readonly sessions: readonly SessionEntry[] }>('/sessions');
  const action = useAction();
  const end = async (id: string) => {
    await action.run(() => request('DELETE', `/sessions/${id}`));
    await resource.reload();
  };
  return (
    <Panel title={say.title} resource={resource}>
      {({ sessions }) => (
        <>
          {action.failure.value && <Note kind="bad">{action.failure.value}</Note>}
          <ul class="rows long">
            {sessions.map(({ id, user, address, agent, seenMs, current }) => (
              <li key={id}>
                <span>
                  <strong>{user}</strong> {current && <span class="muted">({say.here})</span>}
                  <span class="cell-sub">
                    {[say.from(address), agentName(agent), say.used(durationText(now.value - seenMs))].join(
                      ' · ',
                    )}
                  </span>
                </span>
                {!current && (
                  <button type="button" class="button small" onClick={() => void end(id)}>
                    {say.end}
                  </button>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}

/** What people call the program, out of what it calls itself. */
export function agentName(agent: string): string {
  const known = /(Firefox|Edg|OPR|Chrome|Safari|curl)\/?[\d.]*/.exec(agent)?.[1];
  return { Edg: 'Edge', OPR: 'Opera' }[known ?? ''] ?? known ?? agent.slice(0, 40);
}
