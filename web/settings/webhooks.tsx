/** Addresses that the recorder sends events to. */
import { useSignal } from '@preact/signals';
import type { WebhookTest, WebhookView, WebhookWithSecret } from '../../types/api.ts';
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
import { saidText } from '../words/said/index.ts';
import { Deliveries } from './deliveries.tsx';
import { Secret } from './secret.tsx';

export function Webhooks() {
  const { webhooks: say } = more.value;
  const resource = useResource<{ readonly webhooks: readonly WebhookView[] }>('/webhooks');
  const open = useSignal<WebhookView | 'new' | null>(null);
  const secret = useSignal<string | null>(null);
  return (
    <Panel title={say.title} text={say.text} resource={resource}>
      {({ webhooks }) => (
        <>
          {secret.value && <Secret text={secret.value} said={say.secret} />}
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
              onSecret={(text) => {
                secret.value = text;
              }}
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

function TestOutcome({ outcome: { status, error, ms } }: { readonly outcome: WebhookTest }) {
  const { webhooks: say } = more.value;
  if (error !== null) return <Note kind="bad">{saidText(error)}</Note>;
  return <Note kind="good">{say.tested(status ?? 0, ms)}</Note>;
}

interface HookRowProps {
  readonly hook: WebhookView;
  readonly onEdit: () => void;
  readonly reload: () => Promise<void>;
}

function HookRow({ hook, onEdit, reload }: HookRowProps) {
  const { webhooks: say, events, users } = more.value;
  const action = useAction();
  const tested = useSignal<WebhookTest | null>(null);
  const open = useSignal(false);
  const test = async () => {
    await action.run(async () => {
      tested.value = await request<WebhookTest>('POST', `/webhooks/${hook.id}/test`);
    });
  };
  const remove = async () => {
    await action.run(() => request('DELETE', `/webhooks/${hook.id}`));
    await reload();
  };
  const kinds = hook.kinds?.map((kind) => events.kinds[kind] ?? kind).join(', ');
  return (
    <li class="hook">
      <span>
        <strong>{hook.name}</strong>
        <span class="cell-sub">{hook.url}</span>
        <span class="cell-sub">
          {[...(hook.enabled ? [] : [say.off]), kinds ?? events.allKinds].join(' · ')}
        </span>
        {action.failure.value && <Note kind="bad">{action.failure.value}</Note>}
        {tested.value && <TestOutcome outcome={tested.value} />}
      </span>
      <span class="row-actions">
        <button
          type="button"
          class="button small"
          aria-expanded={open.value}
          onClick={() => {
            open.value = !open.peek();
          }}
        >
          {say.deliveries}
        </button>
        <button type="button" class="button small" disabled={action.busy.value} onClick={() => void test()}>
          {say.test}
        </button>
        <IconButton icon="edit" label={`${users.change}: ${hook.name}`} onClick={onEdit} />
        <IconButton icon="trash" label={`${say.remove}: ${hook.name}`} onClick={() => void remove()} />
      </span>
      {open.value && <Deliveries hook={hook.id} />}
    </li>
  );
}

interface HookDraft {
  readonly name: string;
  readonly url: string;
  readonly enabled: boolean;
  /** Null is all. */
  readonly kinds: readonly string[] | null;
}

interface HookDialogProps {
  /** Null adds one. */
  readonly hook: WebhookView | null;
  readonly onSecret: (secret: string) => void;
  readonly onClose: () => void;
}

function HookDialog({ hook, onSecret, onClose }: HookDialogProps) {
  const { webhooks: say, events } = more.value;
  const draft = useSignal<HookDraft>({
    name: hook?.name ?? '',
    url: hook?.url ?? 'https://',
    enabled: hook?.enabled ?? true,
    kinds: hook?.kinds ?? null,
  });
  const { name, url, enabled, kinds } = draft.value;
  const change = (part: Partial<HookDraft>) => {
    draft.value = { ...draft.peek(), ...part };
  };
  const send = async () => {
    const body = { name: name.trim(), url: url.trim(), enabled, kinds };
    if (hook) await request('PATCH', `/webhooks/${hook.id}`, { body });
    else onSecret((await request<WebhookWithSecret>('POST', '/webhooks', { body })).secret);
  };
  return (
    <FormDialog
      title={hook ? hook.name : say.add}
      submit={words.value.common.save}
      onClose={onClose}
      onSubmit={send}
    >
      <TextField label={say.name} required value={name} onInput={(value) => change({ name: value })} />
      <TextField label={say.url} required value={url} onInput={(value) => change({ url: value })} />
      <fieldset class="view-cameras">
        <legend>{say.kinds}</legend>
        {Object.entries(events.kinds).map(([kind, text]) => (
          <Check
            key={kind}
            label={text}
            checked={kinds === null || kinds.some((each) => each === kind)}
            onChange={(on) => change({ kinds: ticked(kinds, Object.keys(events.kinds), kind, on) })}
          />
        ))}
      </fieldset>
      <Check label={say.enabled} checked={enabled} onChange={(on) => change({ enabled: on })} />
    </FormDialog>
  );
}

/** All of them is null, so that kinds to come are included. */
function ticked(
  kinds: readonly string[] | null,
  all: readonly string[],
  kind: string,
  on: boolean,
): readonly string[] | null {
  const before = kinds ?? all;
  const after = all.filter((each) => (each === kind ? on : before.includes(each)));
  return after.length === all.length ? null : after;
}
