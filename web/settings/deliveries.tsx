/** What became of the events that were sent to a webhook, newest first. */
import type { DeliveryView } from '../../types/api.ts';
import { dateText, secondsText } from '../core/format.ts';
import { useResource } from '../core/resource.ts';
import { problemText, words } from '../words/index.ts';
import { more } from '../words/more/index.ts';
import { saidText } from '../words/said/index.ts';

/** What becomes of a delivery is no event, so nothing tells of it. */
const EVERY_MS = 3_000;
const MOODS = { waiting: 'waiting', delivered: 'good', 'given-up': 'bad' } as const;

export function Deliveries({ hook }: { readonly hook: number }) {
  const { webhooks: say } = more.value;
  const resource = useResource<{ readonly deliveries: readonly DeliveryView[] }>(
    `/webhooks/${hook}/deliveries`,
    EVERY_MS,
  );
  const state = resource.state.value;
  if (state.kind === 'loading') return <p role="status">{words.value.common.loading}</p>;
  if (state.kind !== 'known')
    return <p class="muted">{state.kind === 'failed' ? problemText(state.error) : more.value.absent}</p>;
  if (state.value.deliveries.length === 0) return <p class="muted">{say.noDeliveries}</p>;
  return (
    <ul class="deliveries">
      {state.value.deliveries.map((delivery) => (
        <Delivery key={delivery.id} delivery={delivery} />
      ))}
    </ul>
  );
}

function Delivery({ delivery }: { readonly delivery: DeliveryView }) {
  const { webhooks: say } = more.value;
  const { createdMs, state, attempts, status, error, nextMs } = delivery;
  const facts = [
    ...(status === null ? [] : [String(status)]),
    ...(attempts > 1 ? [say.attempts(attempts)] : []),
    ...(error === null ? [] : [saidText(error)]),
    ...(state === 'waiting' && nextMs !== null ? [say.next(secondsText(nextMs))] : []),
  ];
  return (
    <li class="delivery">
      <time dateTime={new Date(createdMs).toISOString()}>
        {dateText(createdMs)} {secondsText(createdMs)}
      </time>
      <span class={`state ${MOODS[state]}`}>{say.states[state]}</span>
      <span class="muted">{facts.join(' · ')}</span>
    </li>
  );
}
