/** The login. The address behind it stays, so that one goes on where one was. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { ApiError } from '../core/api.ts';
import { cameras } from '../core/fleet.ts';
import { logIn } from '../core/session.ts';
import { Note } from '../ui/button.tsx';
import { problemText, words } from '../words/index.ts';
import { Brand } from './brand.tsx';
import { LanguageChoice } from './header.tsx';

export function Login() {
  const { login, brand } = words.value;
  // Cameras are still known from before: this is a session that has ended.
  const ended = cameras.peek() !== null;
  return (
    <main class="login">
      <section class="login-card">
        <header>
          <Brand />
          <h1>{brand}</h1>
          <p class="muted">{ended ? login.ended : login.intro}</p>
        </header>
        <LoginForm />
        <p class="login-first muted">{login.first}</p>
      </section>
      <footer>
        <LanguageChoice />
      </footer>
    </main>
  );
}

function LoginForm() {
  const { login } = words.value;
  const name = useSignal('');
  const password = useSignal('');
  const failure = useSignal<string | null>(null);
  const working = useSignal(false);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);
  const submit = async (event: Event) => {
    event.preventDefault();
    working.value = true;
    failure.value = null;
    try {
      await logIn({ name: name.value, password: password.value });
    } catch (error) {
      failure.value = refusal(error);
      working.value = false;
    }
  };
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      <label class="field">
        <span>{login.name}</span>
        <input
          ref={first}
          name="username"
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          required
          value={name.value}
          onInput={({ currentTarget }) => {
            name.value = currentTarget.value;
          }}
        />
      </label>
      <label class="field">
        <span>{login.password}</span>
        <input
          name="password"
          type="password"
          autocomplete="current-password"
          required
          value={password.value}
          onInput={({ currentTarget }) => {
            password.value = currentTarget.value;
          }}
        />
      </label>
      {failure.value && <Note kind="bad">{failure.value}</Note>}
      <button type="submit" class="button primary" disabled={working.value}>
        {working.value ? login.working : login.submit}
      </button>
    </form>
  );
}

function refusal(error: unknown): string {
  const { login } = words.value;
  const status = error instanceof ApiError ? error.status : 0;
  if (status === 401) return login.wrong;
  return status === 429 ? login.tooMany : problemText(error);
}
