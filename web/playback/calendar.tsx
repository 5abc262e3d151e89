/** A month of days: how much of each was recorded. One focus that arrow keys move, as the ARIA practices advise. */
import { computed, signal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { DayList, DayView } from '../../types/api.ts';
import { get } from '../core/api.ts';
import { now, zone } from '../core/clock.ts';
import { longDateText, monthText, shareText, weekdayTexts } from '../core/format.ts';
import { addDays, type Day, dayBounds, dayOf } from '../time/zone.ts';
import { IconButton } from '../ui/button.tsx';
import { words } from '../words/index.ts';
import { cameraId, day, showDay } from './model.ts';
import { firstOfMonth, nextMonth, weeksOf } from './month.ts';

const REFRESH_MS = 60_000;

const days = signal<{ readonly camera: string; readonly byDay: ReadonlyMap<Day, DayView> } | null>(null);
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
    void load(camera);
    const timer = window.setInterval(() => void load(camera), REFRESH_MS);
    return () => window.clearInterval(timer);
  }, [camera]);
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
  const known = days.value?.byDay.get(each);
  const share = known ? shareOf(known, now.value) : 0;
  const bounds = dayBounds(each, zone.value);
  const recorded = share > 0 ? calendar.recorded(shareText(share)) : calendar.nothing;
  return (
    <button
      type="button"
      class={inMonth ? 'day' : 'day other'}
      data-day={each}
      tabIndex={focusable ? 0 : -1}
      aria-current={each === today.value ? 'date' : undefined}
      aria-pressed={each === day.value}
      aria-label={`${longDateText(bounds.startMs)}, ${recorded}`}
      disabled={each > today.value}
      onClick={() => showDay(each)}
    >
      <span>{Number(each.slice(8))}</span>
      <span class={share > 0 ? 'day-share' : 'day-share none'}>
        <span style={{ width: `${Math.max(share > 0 ? 8 : 0, share * 100)}%` }} />
      </span>
    </button>
  );
}

/** Of a day that is not over, the share of what there has been of it. */
function shareOf({ startMs, endMs, recordedMs }: DayView, nowMs: number): number {
  const passed = Math.max(1, Math.min(endMs, nowMs) - startMs);
  return Math.min(1, recordedMs / passed);
}

function move(month: { value: Day; peek(): Day }, count: number): void {
  month.value = nextMonth(month.peek(), count);
}

async function load(camera: string): Promise<void> {
  if (days.peek()?.camera !== camera) days.value = null;
  try {
    const answer = await get<DayList>(`/cameras/${camera}/days`);
    if (camera === cameraId.peek()) {
      days.value = { camera, byDay: new Map(answer.days.map((each) => [each.day, each])) };
    }
  } catch {
    // The days are shown without their shares; the next look asks again.
  }
}
