/** Who may log in, and what they may. */
import { useSignal } from '@preact/signals';
import type { UserView } from '../../types/api.ts';
import { request } from '../core/api.ts';
import { dateText, timeText } from '../core/format.ts';
import { useResource } from '../core/resource.ts';
import { session } from '../core/session.ts';
import { IconButton } from '../ui/button.tsx';
import { Check, TextField } from '../ui/field.tsx';
import { FormDialog } from '../ui/formDialog.tsx';
import { Icon } from '../ui/icon.tsx';
import { Panel } from '../ui/panel.tsx';
import { words } from '../words/index.ts';
import { more } from '../words/more/index.ts';
import { type Grant, GrantFields, grantText } from './grantFields.tsx';

type Open =
  | { readonly kind: 'edit'; readonly user: UserView | null }
  | { readonly kind: 'delete'; readonly user: UserView };

export function Users() {
  const { users: say } = more.value;
  const resource = useResource<{ readonly users: readonly UserView[] }>('/users');
  const open = useSignal<Open | null>(null);
  const close = () => {
    open.value = null;
    void resource.reload();
  };
  const show = (next: Open) => () => {
    open.value = next;
  };
  return (
    <Panel title={say.title} resource={resource}>
      {({ users }) => (
        <>
          <ul class="rows">
            {users.map((user) => (
              <li key={user.name}>
                <UserText user={user} />
                <span class="row-actions">
                  <IconButton
                    icon="edit"
                    label={`${say.change}: ${user.name}`}
                    onClick={show({ kind: 'edit', user })}
                  />
                  <IconButton
                    icon="trash"
                    label={`${say.remove}: ${user.name}`}
                    onClick={show({ kind: 'delete', user })}
                  />
                </span>
              </li>
            ))}
          </ul>
          <button type="button" class="button" onClick={show({ kind: 'edit', user: null })}>
            <Icon name="plus" />
            {say.add}
          </button>
          {open.value?.kind === 'edit' && <UserDialog user={open.value.user} onClose={close} />}
          {open.value?.kind === 'delete' && <DeleteUser user={open.value.user} onClose={close} />}
        </>
      )}
    </Panel>
  );
}

function UserText({ user: { name, role, cameras, enabled, loginMs } }: { readonly user: UserView }) {
  const { users: say } = more.value;
  const who = session.value;
  const here = who !== null && who !== 'asking' && who.name === name;
  const login = loginMs === null ? say.never : say.lastLogin(`${dateText(loginMs)} ${timeText(loginMs)}`);
  const facts = [say.roles[role], ...(role === 'admin' ? [] : [grantText(cameras)]), login];
  return (
    <span>
      <strong>{name}</strong>
      {here && <span class="muted"> ({say.you})</span>}
      <span class="cell-sub">{(enabled ? facts : [say.disabled, ...facts]).join(' · ')}</span>
    </span>
  );
}

interface UserDialogProps {
  /** Null adds one. */
  readonly user: UserView | null;
  readonly onClose: () => void;
}

function UserDialog({ user, onClose }: UserDialogProps) {
  const { users: say, setup } = more.value;
  const draft = useSignal({
    name: user?.name ?? '',
    password: '',
    role: user?.role ?? ('viewer' as const),
    grant: (user?.cameras ?? 'all') as Grant,
    enabled: user?.enabled ?? true,
  });
  const { name, password, role, grant, enabled } = draft.value;
  const change = (part: Partial<typeof draft.value>) => {
    draft.value = { ...draft.peek(), ...part };
  };
  const body = {
    role,
    cameras: role === 'admin' ? 'all' : grant,
    enabled,
    ...(password === '' ? {} : { password }),
  };
  const send = () =>
    user
      ? request('PATCH', `/users/${encodeURIComponent(user.name)}`, { body })
      : request('POST', '/users', { body: { ...body, name: name.trim() } });
  return (
    <FormDialog
      title={user ? `${say.change}: ${user.name}` : say.add}
      submit={words.value.common.save}
      onClose={onClose}
      onSubmit={send}
    >
      {!user && (
        <TextField
          label={words.value.login.name}
          required
          value={name}
          onInput={(value) => change({ name: value })}
        />
      )}
      <TextField
        label={user ? say.newPassword : words.value.login.password}
        type="password"
        autocomplete="new-password"
        required={!user}
        hint={setup.passwordHint}
        placeholder={user ? say.keepPassword : ''}
        value={password}
        onInput={(value) => change({ password: value })}
      />
      <GrantFields role={role} grant={grant} change={change} />
      <Check label={say.enabled} checked={enabled} onChange={(on) => change({ enabled: on })} />
    </FormDialog>
  );
}

function DeleteUser({ user, onClose }: { readonly user: UserView; readonly onClose: () => void }) {
  const { users: say } = more.value;
  return (
    <FormDialog
      title={say.removeTitle(user.name)}
      submit={say.remove}
      danger
      onClose={onClose}
      onSubmit={() => request('DELETE', `/users/${encodeURIComponent(user.name)}`)}
    >
      <p>{say.removeText}</p>
    </FormDialog>
  );
}
