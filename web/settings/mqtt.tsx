/** The broker that events and states are published to. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { MqttView } from '../../types/api.ts';
import { request } from '../core/api.ts';
import { useResource } from '../core/resource.ts';
import { useAction } from '../ui/action.ts';
import { Note } from '../ui/button.tsx';
import { Check, TextField } from '../ui/field.tsx';
import { Panel } from '../ui/panel.tsx';
import { words } from '../words/index.ts';
import { more } from '../words/more/index.ts';
import { saidText } from '../words/said/index.ts';

export function Mqtt() {
  const { mqtt: say } = more.value;
  const resource = useResource<MqttView>('/mqtt');
  return (
    <Panel title={say.title} text={say.text} resource={resource}>
      {(view) => <MqttForm view={view} reload={resource.reload} />}
    </Panel>
  );
}

interface MqttFormProps {
  readonly view: MqttView;
  readonly reload: () => Promise<void>;
}

function MqttForm({ view, reload }: MqttFormProps) {
  const { mqtt: say } = more.value;
  const draft = useSignal(draftOf(view));
  const saved = useSignal(false);
  const action = useAction();
  useEffect(() => {
    draft.value = draftOf(view);
  }, [view]);
  const change = (part: Partial<typeof draft.value>) => {
    draft.value = { ...draft.peek(), ...part };
    saved.value = false;
  };
  const { enabled, url, username, password, prefix, discovery } = draft.value;
  const send = async (event: Event) => {
    event.preventDefault();
    // What can't be changed here stays as it is.
    const { kinds, cameras, verify } = view;
    const body = {
      kinds,
      cameras,
      verify,
      enabled,
      url: url.trim() || null,
      username: username.trim() || null,
      prefix: prefix.trim(),
      discovery,
      ...(password ? { password } : {}),
    };
    saved.value = await action.run(() => request('PUT', '/mqtt', { body }));
    if (saved.peek()) await reload();
  };
  return (
    <form class="form" onSubmit={(event) => void send(event)}>
      <Check label={say.enabled} checked={enabled} onChange={(on) => change({ enabled: on })} />
      <TextField
        label={say.url}
        placeholder="mqtt://192.168.1.5:1883"
        value={url}
        onInput={(value) => change({ url: value })}
      />
      <div class="source-fields">
        <TextField
          label={say.username}
          autocomplete="off"
          value={username}
          onInput={(value) => change({ username: value })}
        />
        <TextField
          label={say.password}
          type="password"
          autocomplete="new-password"
          placeholder={view.hasPassword ? say.stored : ''}
          value={password}
          onInput={(value) => change({ password: value })}
        />
        <TextField label={say.prefix} value={prefix} onInput={(value) => change({ prefix: value })} />
      </div>
      <Check label={say.discovery} checked={discovery} onChange={(on) => change({ discovery: on })} />
      <p class="muted">
        {say.states[view.state]} {view.error && saidText(view.error)}
      </p>
      {action.failure.value && <Note kind="bad">{action.failure.value}</Note>}
      {saved.value && <Note kind="good">{say.saved}</Note>}
      <button type="submit" class="button primary" disabled={action.busy.value}>
        {words.value.common.save}
      </button>
    </form>
  );
}

function draftOf(view: MqttView) {
  return {
    enabled: view.enabled,
    url: view.url ?? '',
    username: view.username ?? '',
    password: '',
    prefix: view.prefix,
    discovery: view.discovery,
  };
}
