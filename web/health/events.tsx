/** What has happened, newest first, by camera, kind and words; and the alarms that are open. */
import { useSignal } from '@preact/signals';
import type { AlarmView } from '../../types/api.ts';
import { get, request } from '../core/api.ts';
import { type EventPage, type EventView, eventsQuery } from '../core/events.ts';
import { cameraById, cameras } from '../core/fleet.ts';
import { dateText, secondsText } from '../core/format.ts';
import { useLiveResource } from '../core/liveEvents.ts';
import { link } from '../core/router.ts';
import { may } from '../core/session.ts';
import { useAction } from '../ui/action.ts';
import { Note } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Panel } from '../ui/panel.tsx';
import { more } from '../words/more/index.ts';
import { saidText } from '../words/said/index.ts';
import { eventText } from './eventText.ts';

const PAGE = 25;
/** So long before an event playback begins. */
const LEAD_MS = 5_000;

export function Alarms() {
  const { events: say } = more.value;
  const resource = useLiveResource<{ readonly alarms: readonly AlarmView[] }>('/alarms');
  const action = useAction();
  const acknowledge = async (id: string) => {
    await action.run(() => request('POST', `/alarms/${id}/acknowledge`));
    await resource.reload();
  };
  return (
    <Panel title={say.alarms} resource={resource}>
      {({ alarms }) => (
        <>
          {action.failure.value && <Note kind="bad">{action.failure.value}</Note>}
          {alarms.length === 0 && (
            <p class="muted">
              <Icon name="check" /> {say.noAlarms}
            </p>
          )}
          {alarms.map((alarm) => (
            <AlarmNote key={alarm.id} alarm={alarm} acknowledge={() => void acknowledge(alarm.id)} />
          ))}
        </>
      )}
    </Panel>
  );
}

interface AlarmNoteProps {
  readonly alarm: AlarmView;
  readonly acknowledge: () => void;
}

function AlarmNote({ alarm, acknowledge }: AlarmNoteProps) {
  const { events: say } = more.value;
  const { cameraId, text, sinceMs, acknowledged } = alarm;
  return (
    <div class="alarm">
      <Note kind="bad">
        {nameOf(cameraId)}
        {saidText(text)}{' '}
        <span class="muted">{say.since(`${dateText(sinceMs)} ${secondsText(sinceMs)}`)}</span>
      </Note>
      {acknowledged ? (
        <span class="muted">{say.seenBy(acknowledged.by)}</span>
      ) : (
        may('operator') && (
          <button type="button" class="button small" onClick={acknowledge}>
            {say.seen}
          </button>
        )
      )}
    </div>
  );
}

export function Events() {
  const { events: say } = more.value;
  const camera = useSignal('');
  const kind = useSignal('');
  const text = useSignal('');
  const filter = {
    ...(camera.value ? { cameras: [camera.value] } : {}),
    ...(kind.value ? { kinds: [kind.value] } : {}),
    text: text.value.trim(),
    limit: PAGE,
  };
  const query = eventsQuery(filter);
  const resource = useLiveResource<EventPage>(`/events?${query}`);
  return (
    <Panel title={say.title} resource={resource}>
      {(page) => (
        <>
          <div class="filters">
            <Choice label={say.allCameras} value={camera} options={cameraNames()} />
            <Choice label={say.allKinds} value={kind} options={Object.entries(say.kinds)} />
            <input
              type="search"
              aria-label={say.search}
              placeholder={say.search}
              value={text.value}
              onChange={({ currentTarget }) => {
                text.value = currentTarget.value;
              }}
            />
          </div>
          <Pages key={query} first={page} query={query} />
        </>
      )}
    </Panel>
  );
}

function cameraNames(): readonly (readonly [string, string])[] {
  return (cameras.value ?? []).map(({ id, name }) => [id, name]);
}

interface ChoiceProps {
  readonly label: string;
  readonly value: { value: string };
  readonly options: readonly (readonly [string, string])[];
}

function Choice({ label, value, options }: ChoiceProps) {
  return (
    <select
      aria-label={label}
      value={value.value}
      onChange={({ currentTarget }) => {
        value.value = currentTarget.value;
      }}
    >
      <option value="">{label}</option>
      {options.map(([key, name]) => (
        <option key={key} value={key}>
          {name}
        </option>
      ))}
    </select>
  );
}

/** The first page is asked for again and again; what is older stays as it was found. */
function Pages({ first, query }: { readonly first: EventPage; readonly query: string }) {
  const { events: say } = more.value;
  const older = useSignal<EventPage | null>(null);
  const next = (older.value ?? first).next;
  const load = async () => {
    const page = await get<EventPage>(`/events?${query}&cursor=${encodeURIComponent(next ?? '')}`);
    older.value = { events: [...(older.peek()?.events ?? []), ...page.events], next: page.next };
  };
  const seen = new Set<number>();
  const all = [...first.events, ...(older.value?.events ?? [])].filter(
    ({ id }) => !seen.has(id) && seen.add(id),
  );
  if (all.length === 0) return <p class="muted">{query.includes('&') ? say.noneFound : say.none}</p>;
  return (
    <>
      <ul class="rows events">
        {all.map((event) => (
          <EventRow key={event.id} event={event} />
        ))}
      </ul>
      {next && (
        <button type="button" class="button" onClick={() => void load().catch(() => undefined)}>
          {say.older}
        </button>
      )}
    </>
  );
}

function EventRow({ event }: { readonly event: EventView }) {
  const { events: say } = more.value;
  return (
    <li>
      <time dateTime={new Date(event.atMs).toISOString()}>
        {dateText(event.atMs)} {secondsText(event.atMs)}
      </time>
      <span>
        <strong>{say.kinds[event.kind] ?? event.kind}</strong>{' '}
        <span class="muted">
          {nameOf(event.cameraId)}
          {eventText(event)}
        </span>
      </span>
      {event.cameraId && (
        <a
          class="icon-button"
          href={link('play', { cam: event.cameraId, t: Math.round(event.atMs - LEAD_MS) })}
          title={say.watch}
        >
          <Icon name="playback" />
          <span class="visually-hidden">{say.watch}</span>
        </a>
      )}
    </li>
  );
}

function nameOf(id: string | null | undefined): string {
  return id ? `${cameraById.value.get(id)?.name ?? id}: ` : '';
}
