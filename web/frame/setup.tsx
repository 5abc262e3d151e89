/** The first page of a new recorder: its first user chooses a password, and sees where footage goes. */
import { useSignal } from '@preact/signals';
import type { SetupView } from '../../types/api.ts';
import { bytesText } from '../core/format.ts';
import { setUp } from '../core/session.ts';
import { useAction } from '../ui/action.ts';
import { Note } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { more } from '../words/more/index.ts';
import { Brand } from './brand.tsx';
import { LanguageChoice } from './header.tsx';

export default function Setup({ view }: { readonly view: SetupView }) {
  const { setup } = more.value;
  return (
    <main class="login">
      <section class="login-card">
        <header>
          <Brand />
          <h1>{setup.title}</h1>
          <p class="muted">{setup.intro}</p>
        </header>
        <SetupForm user={view.user} />
        <dl class="facts">
          <div>
            <dt>{setup.zone}</dt>
            <dd>{view.zone}</dd>
          </div>
          {view.folders.map(({ folder, freeBytes }) => (
            <div key={folder}>
              <dt>{setup.folders}</dt>
              <dd>
                {folder}
                {freeBytes !== null && <span class="muted"> {setup.free(bytesText(freeBytes))}</span>}
              </dd>
            </div>
          ))}
        </dl>
        <p class="login-first muted">{setup.settings}</p>
      </section>
      <footer>
        <LanguageChoice />
      </footer>
    </main>
  );
}

function SetupForm({ user }: { readonly user: string }) {
  const { setup } = more.value;
  const draft = useSignal({ code: '', password: '', again: '' });
  const action = useAction();
  const { code, password, again } = draft.value;
  const differs = again !== '' && again !== password;
  const submit = async (event: Event) => {
    event.preventDefault();
    if (again !== password) return;
    await action.run(() => setUp(code.trim(), password));
  };
  const field = (name: 'code' | 'password' | 'again') => ({
    value: draft.value[name],
    required: true,
    onInput: (value: string) => {
      draft.value = { ...draft.peek(), [name]: value };
    },
  });
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      <TextField {...field('code')} label={setup.code} hint={setup.codeHint} autocomplete="one-time-code" />
      <TextField
        {...field('password')}
        label={setup.password(user)}
        hint={setup.passwordHint}
        type="password"
        autocomplete="new-password"
      />
      <TextField
        {...field('again')}
        label={setup.again}
        hint={differs ? setup.differs : undefined}
        wrong={differs}
        type="password"
        autocomplete="new-password"
      />
      {action.failure.value && <Note kind="bad">{action.failure.value}</Note>}
      <button type="submit" class="button primary" disabled={action.busy.value || differs}>
        {action.busy.value ? setup.working : setup.submit}
      </button>
    </form>
  );
}
