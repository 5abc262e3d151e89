/** Addresses that the recorder sends events to. */
import { useSignal } from '@preact/signals';
import { request } from '../core/api.ts';
import { useResource } from '../core/resource.ts';
import { useAction } from '../ui/action.ts';
import { IconButton, Note } from '../ui/button.tsx';
import { Check, TextField } from '../ui/field.tsx';
import { FormDialog } from '../ui/formDialog.tsx';
import { Icon } from '../ui/icon.tsx';
import { Panel } from '../ui/panel.tsx';
import { words } from '../words/index.ts';
import { more } from '../words/more/index.ts';

interface Webhook {
  readonly id: string;
  readonly url: string;
  readonly enabled: boolean;
  readonly kinds: readonly string[] | null;
}

export function Webhooks() {
  const { webhooks: say } = more.value;
  const resource = useResource<{ readonly webhooks: readonly Webhook[] }>('/webhooks');
  const open = useSignal<Webhook | 'new' | null>(null);
  return (
    <Panel title={say.title} text={say.text} resource={resource}>
      {({ webhooks }) => (
        <>
          {webhooks.length === 0 && <p class="muted">{say.none}</p>}
          <ul class="rows">
            {webhooks.map((hook) => (
              <HookRow
                key={hook.id}
                hook={hook}
                onEdit={() => {
                  open.value = hook;
                }}
                reload={resource.reload}
              />
            ))}
          </ul>
          <button
            type="button"
            class="button"
            onClick={() => {
              open.value = 'new';
            }}
          >
            <Icon name="plus" />
            {say.add}
          </button>
          {open.value && (
            <HookDialog
              hook={open.value === 'new' ? null : open.value}
              onClose={() => {
                open.value = null;
                void resource.reload();
              }}
            />
          )}
        </>
      )}
    </Panel>
  );
}

interface HookRowProps {
  readonly hook: Webhook;
  readonly onEdit: () => void;
  readonly reload: () => Promise<void>;
}

function HookRow({ hook, onEdit, reload }: HookRowProps) {
  const { webhooks: say, events, users } = more.value;
  const action = useAction();
  const tested = useSignal(false);
  const test = async () => {
    tested.value = await action.run(() => request('POST', `/webhooks/${hook.id}/test`));
  };
  const remove = async () => {
    await action.run(() => request('DELETE', `/webhooks/${hook.id}`));
    await reload();
  };
  const kinds = hook.kinds?.map((kind) => events.kinds[kind] ?? kind).join(', ');
  return (
    <li>
      <span>
        <strong>{hook.url}</strong>
        <span class="cell-sub">{kinds || events.allKinds}</span>
        {action.failure.value && <Note kind="bad">{action.failure.value}</Note>}
        {tested.value && <Note kind="good">{say.tested}</Note>}
      </span>
      <span class="row-actions">
        <button type="button" class="button small" disabled={action.busy.value} onClick={() => void test()}>
          {say.test}
        </button>
        <IconButton icon="edit" label={`${users.change}: ${hook.url}`} onClick={onEdit} />
        <IconButton icon="trash" label={`${say.remove}: ${hook.url}`} onClick={() => void remove()} />
      </span>
    </li>
  );
}

function HookDialog({ hook, onClose }: { readonly hook: Webhook | null; readonly onClose: () => void }) {
  const { webhooks: say, events } = more.value;
  const draft = useSignal({
    url: hook?.url ?? 'https://',
    secret: '',
    enabled: hook?.enabled ?? true,
    kinds: hook?.kinds ?? [],
  });
  const { url, secret, enabled, kinds } = draft.value;
  const change = (part: Partial<typeof draft.value>) => {
    draft.value = { ...draft.peek(), ...part };
  };
  const send = () => {
    const chosen = kinds.length > 0 ? { kinds } : {};
    const body = { url: url.trim(), enabled, ...chosen, ...(secret ? { secret } : {}) };
    return hook ? request('PATCH', `/webhooks/${hook.id}`, { body }) : request('POST', '/webhooks', { body });
  };
  return (
    <FormDialog
      title={hook ? hook.url : say.add}
      submit={words.value.common.save}
      onClose={onClose}
      onSubmit={send}
    >
      <TextField label={say.url} required value={url} onInput={(value) => change({ url: value })} />
      <TextField
        label={say.secret}
        type="password"
        autocomplete="new-password"
        placeholder={hook ? more.value.mqtt.stored : ''}
        value={secret}
        onInput={(value) => change({ secret: value })}
      />
      <fieldset class="view-cameras">
        <legend>{say.kinds}</legend>
        {Object.entries(events.kinds).map(([kind, name]) => (
          <Check
            key={kind}
            label={name}
            checked={kinds.length === 0 || kinds.includes(kind)}
            onChange={(on) => change({ kinds: ticked(kinds, Object.keys(events.kinds), kind, on) })}
          />
        ))}
      </fieldset>
      <Check label={say.enabled} checked={enabled} onChange={(on) => change({ enabled: on })} />
    </FormDialog>
  );
}

/** None is all, so that kinds to come are included. */
function ticked(
  kinds: readonly string[],
  all: readonly string[],
  kind: string,
  on: boolean,
): readonly string[] {
  const before = kinds.length === 0 ? all : kinds;
  const after = all.filter((each) => (each === kind ? on : before.includes(each)));
  return after.length === all.length ? [] : after;
}
