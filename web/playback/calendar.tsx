/** A month of days: how much of each was recorded. One focus that arrow keys move, as the ARIA practices advise. */
import { computed, signal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { CalendarView } from '../../types/api.ts';
import { get } from '../core/api.ts';
import { now, zone } from '../core/clock.ts';
import { durationText, longDateText, monthText, shareText, weekdayTexts } from '../core/format.ts';
import { addDays, type Day, dayBounds, dayOf } from '../time/zone.ts';
import { IconButton } from '../ui/button.tsx';
import { words } from '../words/index.ts';
import { cameraId, day, showDay } from './model.ts';
import { firstOfMonth, nextMonth, weeksOf } from './month.ts';

const REFRESH_MS = 60_000;
/** What is missing of a day is marked from so much on. */
const GAP_MS = 60_000;

/** What there is of a day of the camera on show. */
type Cell = NonNullable<CalendarView['cameras'][number]>['days'][number] & {
  readonly startMs: number;
  readonly endMs: number;
};

const days = signal<ReadonlyMap<Day, Cell>>(new Map());
/** Of what the days are. */
let loadedCamera: string | null = null;
const today = computed(() => dayOf(now.value, zone.value));

export function Calendar() {
  const month = useSignal(firstOfMonth(day.peek()));
  const camera = cameraId.value;
  const wanted = day.value;
  useEffect(() => {
    month.value = firstOfMonth(wanted);
  }, [wanted]);
  useEffect(() => {
    if (camera === null) return;
    const look = () => void load(camera, month.value);
    look();
    const timer = window.setInterval(look, REFRESH_MS);
    return () => window.clearInterval(timer);
  }, [camera, month.value]);
  const { calendar } = words.value;
  const middle = dayBounds(addDays(month.value, 14), zone.value).startMs;
  return (
    <section class="calendar" aria-label={calendar.label}>
      <header>
        <IconButton icon="left" label={calendar.previous} onClick={() => move(month, -1)} />
        <h2 aria-live="polite">{monthText(middle)}</h2>
        <IconButton
          icon="right"
          label={calendar.next}
          disabled={nextMonth(month.value, 1) > today.value}
          onClick={() => move(month, 1)}
        />
      </header>
      <Month month={month.value} />
    </section>
  );
}

function Month({ month }: { readonly month: Day }) {
  const table = useRef<HTMLTableElement>(null);
  const focused = day.value.startsWith(month.slice(0, 7)) ? day.value : month;
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    const from = document.activeElement?.getAttribute('data-day');
    if (step === undefined || !from) return;
    event.preventDefault();
    event.stopPropagation();
    const target = addDays(from, step);
    table.current?.querySelector<HTMLElement>(`[data-day="${target}"]`)?.focus();
  };
  return (
    <table ref={table} onKeyDown={onKeyDown}>
      <thead>
        <tr>
          {weekdayTexts.value.map(({ short, long }) => (
            <th key={long} scope="col" abbr={long}>
              {short}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeksOf(month).map((week) => (
          <tr key={week[0]}>
            {week.map((each) => (
              <td key={each}>
                <DayButton
                  each={each}
                  inMonth={each.startsWith(month.slice(0, 7))}
                  focusable={each === focused}
                />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

interface DayButtonProps {
  readonly each: Day;
  readonly inMonth: boolean;
  readonly focusable: boolean;
}

function DayButton({ each, inMonth, focusable }: DayButtonProps) {
  const { calendar } = words.value;
  const known = days.value.get(each);
  const share = known ? shareOf(known, now.value) : 0;
  const bounds = dayBounds(each, zone.value);
  const said = known && share > 0 ? saidOf(known, share) : calendar.nothing;
  return (
    <button
      type="button"
      class={inMonth ? 'day' : 'day other'}
      data-day={each}
      tabIndex={focusable ? 0 : -1}
      aria-current={each === today.value ? 'date' : undefined}
      aria-pressed={each === day.value}
      aria-label={`${longDateText(bounds.startMs)}, ${said}`}
      disabled={each > today.value}
      onClick={() => showDay(each)}
    >
      <span>{Number(each.slice(8))}</span>
      {known && known.gapMs >= GAP_MS && <span class="day-gap" />}
      <span class={share > 0 ? 'day-share' : 'day-share none'}>
        <span style={{ width: `${Math.max(share > 0 ? 8 : 0, share * 100)}%` }} />
      </span>
    </button>
  );
}

/** In words: how much was recorded, what is missing, how much happened. */
function saidOf({ gapMs, events }: Cell, share: number): string {
  const { calendar } = words.value;
  const parts = [calendar.recorded(shareText(share))];
  if (gapMs >= GAP_MS) parts.push(calendar.missing(durationText(gapMs)));
  if (events > 0) parts.push(calendar.events(events));
  return parts.join(', ');
}

/** Of a day that is not over, the share of what there has been of it. */
function shareOf({ startMs, endMs, recordedMs }: Cell, nowMs: number): number {
  const passed = Math.max(1, Math.min(endMs, nowMs) - startMs);
  return Math.min(1, recordedMs / passed);
}

function move(month: { value: Day; peek(): Day }, count: number): void {
  month.value = nextMonth(month.peek(), count);
}

async function load(camera: string, month: Day): Promise<void> {
  if (loadedCamera !== camera) days.value = new Map();
  loadedCamera = camera;
  try {
    const answer = await get<CalendarView>(`/calendar?cameras=${camera}&month=${month.slice(0, 7)}`);
    const cells = answer.cameras[0]?.days ?? [];
    if (camera !== cameraId.peek()) return;
    const found = answer.days.flatMap(({ day: each, startMs, endMs }, index) => {
      const cell = cells[index];
      return cell ? [[each, { ...cell, startMs, endMs }] as const] : [];
    });
    days.value = new Map([...days.peek(), ...found]);
  } catch {
    // The days are shown without their shares; the next look asks again.
  }
}
