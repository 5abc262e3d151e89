/** Health: a verdict first, then each camera: how much of the last day was kept, since when, how much it takes. */
import { computed } from '@preact/signals';
import '../styles/pages.css';
import type { CameraView, StorageView } from '../../types/api.ts';
import { now, system } from '../core/clock.ts';
import { cameras } from '../core/fleet.ts';
import { bytesText, dateText, durationText, numberText, shareText, timeText } from '../core/format.ts';
import { failureOf, keepingOf, tallyOf } from '../core/recordingState.ts';
import { useResource } from '../core/resource.ts';
import { may } from '../core/session.ts';
import { MOOD_ICONS, moodOf, verdictOf } from '../frame/recordingPill.tsx';
import { isFetched, laneOf, needArchive } from '../playback/archive.ts';
import { Note } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { causeText, words } from '../words/index.ts';
import { more } from '../words/more/index.ts';
import { saidText } from '../words/said/index.ts';
import { Alarms, Events } from './events.tsx';
import { RecentGaps } from './recentGaps.tsx';
import { shareOf } from './share.ts';
import { Strip } from './strip.tsx';
import { Viewers } from './viewers.tsx';
import { Volumes } from './volumes.tsx';

const DAY_MS = 86_400_000;
const REFRESH_MS = 60_000;
const MINUTE_MS = 60_000;
/** In seconds a day: what is less is told as none. */
const LEAST_DRIFT = 0.05;

/** The last 24 hours; it moves on once a minute. */
const lastDay = computed(() => {
  const endMs = Math.floor(now.value / MINUTE_MS) * MINUTE_MS;
  return { startMs: endMs - DAY_MS, endMs };
});

export function HealthPage() {
  const list = cameras.value ?? [];
  const { health } = words.value;
  const storage = useResource<StorageView>('/storage', REFRESH_MS).state.value;
  const stored = storage.kind === 'known' ? storage.value : null;
  needArchive(lastDay.value);
  return (
    <div class="page">
      <h1 class="visually-hidden">{words.value.nav.health}</h1>
      <Verdict list={list} />
      {list.length > 0 && (
        <section aria-label={health.perCamera}>
          <h2>{health.lastDay}</h2>
          <div class="health-list">
            {list.map((camera) => (
              <CameraHealth
                key={camera.id}
                camera={camera}
                stored={stored?.cameras.find(({ cameraId }) => cameraId === camera.id) ?? null}
                known={storage.kind !== 'loading' && isFetched(lastDay.value)}
              />
            ))}
          </div>
        </section>
      )}
      {stored && <Volumes volumes={stored.volumes} />}
      <RecentGaps interval={lastDay.value} />
      <Alarms />
      <Events />
      {may('admin') && <Viewers />}
      <Recorder />
    </div>
  );
}

/** One sentence, the first thing one wants to know. */
function Verdict({ list }: { readonly list: readonly CameraView[] }) {
  const { health } = words.value;
  const tally = tallyOf(list, now.value);
  const mood = moodOf(tally);
  return (
    <div class={`verdict ${mood}`}>
      <Icon name={MOOD_ICONS[mood]} />
      <div>
        <p class="verdict-text">{mood === 'good' ? allForText(list) : verdictOf(tally)}</p>
        {tally.failing.map((camera) => (
          <p key={camera.id}>
            {camera.name}: {causeText(failureOf(camera), camera.status.source.message)}
          </p>
        ))}
        {mood === 'good' && <p class="muted">{health.durable}</p>}
      </div>
    </div>
  );
}

/** For how long every camera that should has recorded without a hole. */
function allForText(list: readonly CameraView[]): string {
  const { health, pill } = words.value;
  // Since when, only the timeline knows.
  if (!isFetched(lastDay.value)) return pill.fine;
  const since = Math.max(
    ...list.filter((camera) => keepingOf(camera, now.value) !== 'idle').map(unbrokenSince),
  );
  return health.allFor(durationText(now.value - since));
}

/** Since when a camera has been recorded without a gap: what is going on, and what it follows without a hole. */
function unbrokenSince({ id, status }: CameraView): number {
  const { recordings } = laneOf(id, lastDay.value);
  const current = recordings.find(({ endMs }) => endMs >= status.recording.sinceMs);
  return Math.min(status.recording.sinceMs, current?.startMs ?? status.recording.sinceMs);
}

type Stored = StorageView['cameras'][number];

interface CameraHealthProps {
  readonly camera: CameraView;
  /** Null without footage. */
  readonly stored: Stored | null;
  /** Whether all has been asked that is told here. */
  readonly known: boolean;
}

function CameraHealth({ camera, stored, known }: CameraHealthProps) {
  const { health } = words.value;
  const lane = laneOf(camera.id, lastDay.value);
  const share = shareOf(lane, lastDay.value, stored?.oldestMs ?? null);
  return (
    <article class="health-camera">
      <header>
        <h3>{camera.name}</h3>
        <span>{known ? keptText(share, stored) : words.value.common.loading}</span>
      </header>
      <Strip lane={lane} interval={lastDay.value} label={`${camera.name}, ${health.lastDay}`} />
      {camera.status.silent && (
        <Note kind="info">{health.withoutSound(saidText(camera.status.silent.message))}</Note>
      )}
      {stored?.stopped && <Note kind="bad">{more.value.storage.stopped}</Note>}
      <dl class="facts">
        <Fact name={health.oldest} value={oldestText(stored)} />
        <Fact name={more.value.storage.used} value={stored ? bytesText(stored.bytes) : '–'} />
        <Fact name={health.bitrate} value={rateText(stored)} />
        <Fact
          name={health.perDay}
          value={stored ? bytesText((stored.bytesPerSecond * DAY_MS) / 1_000) : '–'}
        />
        <Fact
          name={more.value.storage.reaches}
          value={stored?.keptMs == null ? '–' : durationText(stored.keptMs)}
        />
        <Fact name={health.drift} value={driftText(camera)} />
      </dl>
    </article>
  );
}

/** @param share null without any footage of the interval */
function keptText(share: number | null, stored: Stored | null): string {
  const { health } = words.value;
  const oldestMs = stored?.oldestMs ?? null;
  if (share === null && oldestMs === null) return health.nothingYet;
  // The interval ends with a full minute, of which a new camera has seen none.
  if (share === null && oldestMs !== null && oldestMs >= lastDay.value.endMs)
    return health.since(timeText(oldestMs));
  return health.kept(shareText(share ?? 0));
}

function oldestText(stored: Stored | null): string {
  const ms = stored?.oldestMs ?? null;
  return ms === null ? '–' : `${dateText(ms)} ${timeText(ms)}`;
}

/** Seconds a day tell people more than parts of a million. */
function driftText({ status: { driftPpm } }: CameraView): string {
  const { health } = words.value;
  if (driftPpm === null) return '–';
  const secondsADay = Math.abs(driftPpm) * 0.0864;
  return secondsADay < LEAST_DRIFT
    ? health.driftNone
    : health.driftADay(numberText(secondsADay, 1), driftPpm < 0);
}

function rateText(stored: Stored | null): string {
  return stored ? `${numberText((stored.bytesPerSecond * 8) / 1e6, 2)} Mbit/s` : '–';
}

function Recorder() {
  const { health } = words.value;
  const info = system.value;
  if (!info) return null;
  return (
    <section>
      <h2>{health.recorder}</h2>
      <dl class="facts">
        <Fact name={health.version} value={info.version} />
        <Fact name={health.running} value={durationText(now.value - info.startedMs)} />
        <Fact name={health.zone} value={info.zone} />
      </dl>
    </section>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
