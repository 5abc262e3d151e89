/** What surrounds the cameras, from the real rooms: media, index and ring behind the conductors' interfaces. */
import { randomUUID } from 'node:crypto';
import type { Archive } from '../archive/archive.ts';
import type { CameraStore, Ledger, Log, Surroundings } from '../cameras/doors.ts';
import type { Config } from '../config.ts';
import type { EventDraft } from '../domain/event.ts';
import { type CameraId, runId, subKey } from '../domain/ids.ts';
import type { Clock } from '../domain/time.ts';
import type { LiveHub } from '../live/hub.ts';
import type { Captures } from '../media/captures.ts';
import type { Encoders } from '../media/encoders.ts';
import type { Taps } from '../media/tap.ts';
import { mediaDoor } from './mediaDoor.ts';

export function surroundings(
  config: Config,
  parts: {
    readonly archive: Archive;
    readonly hub: LiveHub;
    readonly taps: Taps;
    readonly encoders: Encoders;
    readonly captures: Captures;
    readonly runtimeDir: string;
    publish(event: EventDraft): unknown;
  },
  clock: Clock,
  log: Log,
): Surroundings {
  const { archive, hub, taps, encoders, captures, runtimeDir, publish } = parts;
  return {
    clock,
    log,
    random: Math.random,
    newRunId: () => runId(randomUUID()),
    media: mediaDoor(config, {
      encoders,
      captures,
      taps,
      runtimeDir,
      clock,
      encoderFailed(encoder, reason) {
        log.warn({ encoder, reason }, 'the encoder failed; the next one takes its place');
        const text = `The encoder ${encoder} failed; the next one takes its place. ${reason}`;
        publish({ kind: 'encoder', text, data: { encoder, reason } });
      },
    }),
    ledger: ledgerDoor(archive),
    schedules: { zone: config.timeZone, of: (id) => archive.schedules.get(id) },
    ring: (id) => hub.open(id),
    watched: (stream) => hub.open(stream).takeDemand(),
    subRing: (id) => hub.open(subKey(id)),
    dropRing(id) {
      for (const key of [id, subKey(id)]) {
        hub.drop(key);
        taps.drop(key);
      }
    },
  };
}

function ledgerDoor(archive: Archive): Ledger {
  const { ledger } = archive;
  return {
    beginRun: ({ id, cameraId, init, startedMs }) =>
      ledger.beginRun({ id, cameraId, stream: 'main', init, startedMs }),
    endRun: (id, endMs, cause) => ledger.endRun(id, endMs, cause),
    beginRecording: (id, reason, fromMs) => ledger.beginRecording(id, reason, fromMs),
    endRecording: (id, endMs, reason) => ledger.endRecording(id, reason, endMs),
    openGap: (id, fromMs, cause) => ledger.openGap(id, cause, fromMs),
    updateGap: (id, cause) => ledger.updateGap(id, cause),
    closeGap: (id, atMs) => ledger.closeGap(id, atMs),
    durableUntil: (id) => ledger.durableUntil(id),
    openWriter: (id, run, onProblem) => archive.writer(run, onProblem, segmentMsOf(archive, id)),
  };
}

/** Null as the recorder's setting says. */
function segmentMsOf({ cameras }: Archive, id: CameraId): number | null {
  const seconds = cameras.list().find((camera) => camera.id === id)?.segmentSeconds;
  return seconds ? seconds * 1000 : null;
}

/** The stored cameras, and which of them were started by hand. */
export function cameraStore({ cameras, settings }: Archive): CameraStore {
  const key = (id: CameraId) => `started:${id}`;
  return {
    list: () => cameras.list(),
    insert: (draft, at) => cameras.insert(draft, at),
    update: (draft, expected, at) => cameras.update(draft, expected, at),
    remove(id, expected, at) {
      cameras.remove(id, expected, at);
      settings.set(key(id), null);
    },
    restore: (id, at) => cameras.restore(id, at),
    started: (id) => settings.get(key(id)) !== null,
    setStarted: (id, started) => settings.set(key(id), started ? 'yes' : null),
  };
}
