/** What is done on a page before its picture is taken, and what is pretended of the past. */
import type { Page } from 'playwright-core';
import type { TimelineView } from '../../types/api.ts';
import { AUTHORIZATION, type Recorder } from '../support/recorder.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A past that looks like one: recorded round the clock, with two gaps, movement by day, and a bookmark. */
export async function aDay(page: Page): Promise<void> {
  await pretendPast(page, past);
  await page.route('**/api/v1/calendar?*', async (route) => {
    const response = await route.fetch();
    const answer = await response.json();
    for (const camera of answer.cameras) camera.days = answer.days.map(aCalendarDay);
    await route.fulfill({ response, json: answer });
  });
}

/** The same, with the afternoon of some cameras on a disk that is away. */
export async function awayDay(page: Page): Promise<void> {
  await pretendPast(page, (view, index) => {
    const day = Math.floor(view.startMs / (24 * HOUR_MS)) * 24 * HOUR_MS;
    const away = { startMs: day + 11 * HOUR_MS, endMs: day + 19 * HOUR_MS };
    return { ...past(view, index), onMissingVolume: index % 2 === 0 ? [away] : [] };
  });
}

/** The same, with a night that was recorded by a clock that was slow. */
export async function otherClock(page: Page): Promise<void> {
  await pretendPast(page, (view, index) => {
    const offClock = [{ startMs: view.startMs, endMs: Date.now(), offsetMs: 37 * MINUTE_MS }];
    const seen = view.cameras[index]?.cameraId === 'front-door';
    return { ...past(view, index), offClock: seen ? offClock : [] };
  });
}

async function pretendPast(page: Page, made: (view: TimelineView, index: number) => object): Promise<void> {
  await page.route('**/api/v1/timeline?*', async (route) => {
    const response = await route.fetch();
    const view: TimelineView = await response.json();
    const cameras = view.cameras.map((_, index) => made(view, index));
    await route.fulfill({ response, json: { ...view, cameras } });
  });
}

interface CalendarDay {
  readonly day: string;
  readonly startMs: number;
  readonly endMs: number;
}

function aCalendarDay({ day, startMs, endMs }: CalendarDay): object {
  const passed = Math.max(0, Math.min(endMs, Date.now()) - startMs);
  const gapMs = ['07', '13', '19'].includes(day.slice(8)) ? 83 * MINUTE_MS : 0;
  const recordedMs = Math.max(0, passed - gapMs);
  return { recordedMs, share: recordedMs / (endMs - startMs), gapMs, events: passed > 0 ? 12 : 0, mean: 30 };
}

function past(view: TimelineView, index: number): object {
  const { startMs, resolutionMs, cameras } = view;
  const endMs = Math.min(view.endMs, Date.now());
  const day = Math.floor(startMs / (24 * HOUR_MS)) * 24 * HOUR_MS;
  const gaps = [
    { startMs: day + 2 * HOUR_MS, endMs: day + 2.6 * HOUR_MS, cause: 'unreachable' },
    { startMs: day + (9 + index) * HOUR_MS, endMs: day + (9.3 + index) * HOUR_MS, cause: 'stalled' },
  ].filter((gap, which) => (index % 3 === 0 || which === 1) && gap.endMs < endMs && gap.startMs > startMs);
  const starts = [startMs, ...gaps.map((gap) => gap.endMs)];
  const ends = [...gaps.map((gap) => gap.startMs), endMs];
  const cells = Math.ceil((view.endMs - startMs) / resolutionMs);
  const peaks = Array.from({ length: cells }, (_, cell) => {
    const ms = startMs + cell * resolutionMs;
    return ms < endMs ? movement(ms, index) : null;
  });
  return {
    ...cameras[index],
    recordings: starts.map((start, which) => ({ startMs: start, endMs: ends[which] ?? endMs })),
    gaps,
    events: [mark(day + 7.4 * HOUR_MS)].filter((event) => index === 0 && event.startMs < endMs),
    counts: peaks.map((peak, cell) => (peak !== null && peak > 90 && (cell + index) % 3 === 0 ? 1 : 0)),
    peaks,
    means: peaks,
  };
}

/** More by day than by night, and never the same. */
function movement(ms: number, index: number): number {
  const hour = (ms / HOUR_MS) % 24;
  const light = Math.max(0, Math.sin(((hour - 5) / 17) * Math.PI));
  const noise = Math.abs(
    Math.sin(ms / (7 * MINUTE_MS) + index) * Math.sin(ms / (31 * MINUTE_MS) + index * 2),
  );
  return Math.round(Math.min(250, 6 + 220 * light * noise ** 2));
}

function mark(startMs: number): TimelineView['cameras'][number]['events'][number] {
  return { startMs, endMs: startMs, count: 1, id: 1, kind: 'mark', text: 'Parcel' };
}

/** A part is marked. */
export async function markPart(page: Page): Promise<void> {
  await ready(page);
  await page.keyboard.press('i');
  for (let times = 0; times < 4; times++) await page.keyboard.press('l');
  await page.keyboard.press('o');
}

export async function saveClip(page: Page): Promise<void> {
  await ready(page);
  await page.keyboard.press('o');
  await page.keyboard.press('j');
  await page.keyboard.press('i');
  await page.keyboard.press('e');
}

export async function openView(page: Page): Promise<void> {
  await page.getByRole('button', { name: /New view|새 보기/ }).click();
}

/** Opens everything that is folded away. */
export async function unfold(page: Page): Promise<void> {
  await page.locator('details').first().waitFor();
  for (const summary of await page.locator('summary').all()) await summary.click();
}

export async function testNothing(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').nth(1).fill('rtsp://127.0.0.1:1/nothing');
  await dialog.getByRole('button', { name: /^(Test|연결 테스트)$/ }).click();
}

/** A camera that answers, with its picture. */
export async function testCamera(page: Page, url: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').nth(1).fill(url);
  await dialog.getByRole('button', { name: /^(Test|연결 테스트)$/ }).click();
  const picture = dialog.locator('.source-picture img');
  await picture.waitFor({ timeout: 60_000 });
  await picture.evaluate((image) => image.scrollIntoView({ block: 'center' }));
}

/** Exports in every state. */
export async function someExports(page: Page): Promise<void> {
  const job = {
    cameras: ['front-door'],
    fromMs: Date.now() - 12_000,
    toMs: Date.now() - 4_000,
    format: 'mp4',
    createdMs: Date.now() - 5 * MINUTE_MS,
    progress: 1,
    name: null,
    bytes: null,
    sha256: null,
    error: null,
  };
  const sha256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
  const exports = [
    { ...job, id: 4, state: 'running', progress: 0.42, cameras: ['front-door', 'yard', 'gate'] },
    { ...job, id: 3, state: 'queued', createdMs: job.createdMs - 1 },
    { ...job, id: 2, state: 'done', name: 'Front door.mp4', bytes: 812_345_678, sha256, createdMs: 2 },
    { ...job, id: 1, state: 'failed', error: 'There is no footage in this time.', createdMs: 1 },
  ];
  const key = 'SHA256:5Yw0N1t3Jd8n1l8mZpXc9Qk2rVh7uTbLw6sEoAfGqHk';
  await page.route('**/api/v1/exports', (route) => route.fulfill({ json: { exports, key } }));
}

async function ready(page: Page): Promise<void> {
  await page.waitForFunction(() => (document.querySelector('video')?.readyState ?? 0) >= 2);
}

/** A recorder that nobody has set up yet. */
export async function firstRun(page: Page): Promise<void> {
  await page.context().clearCookies();
  const folders = [
    { folder: '/var/lib/nightjar/media', freeBytes: 1_840_000_000_000, totalBytes: 2_000_000_000_000 },
  ];
  const json = { open: true, user: 'admin', zone: 'Europe/Berlin', folders };
  await page.route('**/api/v1/setup', (route) => route.fulfill({ json }));
}

/** A browser that decodes nothing. */
export async function withoutCodecs(page: Page): Promise<void> {
  await page.addInitScript(() => {
    MediaSource.isTypeSupported = () => false;
  });
}

/** A screen whose program the recorder does not have any more. */
export async function withoutProgram(page: Page): Promise<void> {
  await page.locator('video').first().waitFor();
  await page.route(/\/assets\/.*\.js$/, (route) => route.fulfill({ status: 404, body: '' }));
  await page.locator('.rail a').nth(4).click();
  await page.getByRole('alert').waitFor();
}

/** A browser that lets nothing play before a click. */
export async function blockPlaying(page: Page): Promise<void> {
  await page.addInitScript(() => {
    HTMLMediaElement.prototype.play = () => Promise.reject(new DOMException('No.', 'NotAllowedError'));
  });
}

/** As far out as it goes: marks are told by cells there. */
export async function aWeek(page: Page): Promise<void> {
  await page.locator('.timeline-lanes canvas').waitFor();
  for (let times = 0; times < 5; times++) await page.keyboard.press('-');
}

export async function wrongLogin(page: Page): Promise<void> {
  await page.locator('input').first().fill('admin');
  await page.locator('input').nth(1).fill('not this one');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').waitFor();
}

export async function toEnd(page: Page): Promise<void> {
  await page.locator('.rows.events').waitFor();
  await page.locator('.rows.events').evaluate((list) => list.scrollIntoView());
}

/** A webhook that was told of two things, with what became of them. */
export async function showDeliveries(page: Page): Promise<void> {
  const job = { attempts: 1, triedMs: Date.now(), nextMs: null, status: 200, error: null };
  const deliveries = [
    { ...job, id: 3, createdMs: Date.now() - 20_000, state: 'waiting', attempts: 2, status: 503 },
    { ...job, id: 2, createdMs: Date.now() - MINUTE_MS, state: 'delivered' },
    { ...job, id: 1, createdMs: Date.now() - HOUR_MS, state: 'given-up', attempts: 9, status: null },
  ];
  await page.route('**/deliveries', (route) => route.fulfill({ json: { deliveries } }));
  const shown = page.getByRole('button', { name: /^(Deliveries|전송 기록)$/ });
  await shown.click();
  await shown.evaluate((button) => button.scrollIntoView({ block: 'center' }));
}

export async function aHook({ address }: Pick<Recorder, 'address'>): Promise<void> {
  await fetch(`${address}/api/v1/webhooks`, {
    method: 'POST',
    headers: { authorization: AUTHORIZATION, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Pager', url: 'https://pager.example/nightjar', kinds: ['alarm-raised'] }),
  });
}
