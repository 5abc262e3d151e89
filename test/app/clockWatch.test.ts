/** The clock of the machine is set, while the recorder runs and while it does not: events, and notes on recordings. */
import { expect, it, onTestFinished } from 'vitest';
import { ClockWatch } from '../../src/app/clockWatch.ts';
import type { EventDraft } from '../../src/domain/event.ts';
import { epochMs } from '../../src/domain/time.ts';
import { EVER, FRONT, HandClock, openArchive, START_MS, temporaryFolder } from '../archive/support.ts';

const YEAR_MS = 365 * 86_400_000;
const EVERYTHING = { ...EVER, startMs: epochMs(0) };

async function started() {
  const clock = new HandClock();
  const archive = await openArchive(temporaryFolder(), { clock });
  onTestFinished(() => archive.close());
  const told: EventDraft[] = [];
  const { ledger, settings } = archive;
  const watch = (bootId: string | null = 'first') =>
    new ClockWatch({ ledger, settings, publish: (event) => told.push(event) }, clock, {
      bootId,
      uptimeMs: () => clock.monotonic(),
    });
  /** Records so many seconds from now on. */
  const record = (seconds: number) => {
    ledger.beginRecording(FRONT, 'continuous', clock.now());
    clock.ms += seconds * 1000;
    ledger.endRecording(FRONT, 'stopped', clock.now());
  };
  const notes = () =>
    archive.footage
      .recordings(FRONT, EVERYTHING)
      .sort((a, b) => a.id - b.id)
      .map(({ clockOffsetMs }) => clockOffsetMs);
  return { archive, clock, told, watch, record, notes };
}

it('one that was wrong at the start and is put right is told, and what was recorded by it says by how much', async () => {
  const { archive, clock, told, watch, record, notes } = await started();
  record(10);
  clock.leap(-YEAR_MS);
  const clocks = watch();
  record(60);
  archive.ledger.beginRecording(FRONT, 'continuous', clock.now());
  clock.ms += 5_000;
  clock.leap(YEAR_MS + 3_600_000);
  clocks.look();
  const toMs = clock.now();
  archive.ledger.endRecording(FRONT, 'new-run', epochMs(toMs - YEAR_MS - 3_600_000));
  record(10);
  const offsetMs = YEAR_MS + 3_600_000;
  expect(notes()).toEqual([0, offsetMs, offsetMs, 0]);
  expect(told).toEqual([
    {
      kind: 'clock',
      text: expect.stringMatching(/was set forward: what was 2025-03-29T.* is 2026-03-29T.* keeps its times/),
      data: { fromMs: toMs - offsetMs, toMs, offsetMs, recordings: 2 },
    },
  ]);
});

it('one that is set wrong and back leaves no note but on what was recorded meanwhile', async () => {
  const { clock, told, watch, record, notes } = await started();
  const clocks = watch();
  record(10);
  clock.leap(3_600_000);
  clocks.look();
  record(10);
  clock.leap(-3_600_000);
  clocks.look();
  record(10);
  expect(notes()).toEqual([0, -3_600_000, 0]);
  expect(told).toHaveLength(2);
});

it('a recording that began by the new clock, before that was noticed, is not noted', async () => {
  const { archive, clock, watch, notes } = await started();
  const clocks = watch();
  clock.ms += 10_000;
  clock.leap(3_600_000);
  archive.ledger.beginRecording(FRONT, 'continuous', clock.now());
  clock.ms += 800;
  clocks.look();
  expect(notes()).toEqual([0]);
});

it('one that is set while the recorder is down is noticed at its start, unless the machine was started anew', async () => {
  const { clock, told, watch, record, notes } = await started();
  watch();
  record(10);
  clock.leap(86_400_000);
  watch();
  expect(notes()).toEqual([86_400_000]);
  clock.leap(86_400_000);
  watch('second');
  clock.leap(86_400_000);
  watch(null);
  expect(notes()).toEqual([86_400_000]);
  expect(told).toHaveLength(1);
});

it('a machine that was suspended, or whose clock is put right little by little, says nothing', async () => {
  const { clock, told, watch, record, notes } = await started();
  const clocks = watch();
  record(10);
  // The steady clock of the machine goes on while it is suspended.
  clock.ms += 3_600_000;
  clock.leap(400);
  clocks.look();
  expect([notes(), told]).toEqual([[0], []]);
});

it('the timeline says of which footage the times are another clock’s', async () => {
  const { archive, clock, watch, record } = await started();
  const clocks = watch();
  record(10);
  clock.leap(3_600_000);
  clocks.look();
  const span = { startMs: START_MS, endMs: START_MS + 10_000, offsetMs: 3_600_000 };
  expect(archive.finding.timeline.read.offClock(FRONT, EVER)).toEqual([span]);
});
