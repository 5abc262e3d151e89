/** What the files of an ordered export will hold: which footage, under which names, with what the manifest says of it. */
import type { Exporter, ExportPlan } from '../archive/exporter.ts';
import type { ExportSpec } from '../archive/exportJobStore.ts';
import { FragmentFile } from '../archive/fragmentFile.ts';
import { MovieFile } from '../archive/movieFile.ts';
import { reusedBlocks } from '../archive/pieces.ts';
import { NvrError } from '../domain/errors.ts';
import type { ManifestCamera, ManifestFile } from '../domain/exportManifest.ts';
import { distinct, exportName, safeName } from '../domain/exportName.ts';
import { LONGEST_FILE_MS } from '../domain/exportParts.ts';
import type { CameraId } from '../domain/ids.ts';
import type { GapCause } from '../domain/recording.ts';
import { ticksToMs } from '../domain/ticks.ts';
import { type EpochMs, epochMs, type Interval } from '../domain/time.ts';
import { subtract } from '../domain/timeline.ts';
import type { Zone } from '../domain/zone.ts';

export interface ContentDoors {
  readonly exporter: Exporter;
  readonly gaps: (
    camera: CameraId,
    interval: Interval,
  ) => readonly { readonly startMs: EpochMs; readonly endMs: EpochMs | null; readonly cause: GapCause }[];
  /** A camera that was removed is named by its id. */
  readonly nameOf: (camera: CameraId) => string;
  readonly zone: Zone;
}

/** A file before it is made. */
export interface Content {
  readonly about: Omit<ManifestFile, 'bytes' | 'sha256'>;
  /** Of the MP4 that `read` gives. */
  readonly bytes: number;
  readonly plan: ExportPlan;
  read(): AsyncIterable<Buffer>;
}

/** @throws NvrError `not-found` when nothing was recorded of any of the cameras. */
export async function contentsOf(spec: ExportSpec, doors: ContentDoors): Promise<Content[]> {
  const found: Content[] = [];
  for (const cameraId of spec.cameras) {
    for (const interval of pieces({ startMs: spec.fromMs, endMs: spec.toMs })) {
      for (const { part } of await doors.exporter.parts(cameraId, interval, 'close')) {
        const plan = await doors.exporter.plan({ cameraId, ...interval, gaps: 'close', part });
        found.push(await contentOf(cameraId, interval, plan, spec, doors));
      }
    }
  }
  if (found.length === 0) {
    throw new NvrError('not-found', 'Nothing was recorded in this range.', { field: 'fromMs' });
  }
  const names = distinct(found.map(({ about }) => about.name));
  return found.map((content, index) => {
    const name = `${names[index] ?? ''}.${spec.format === 'ts' ? 'ts' : 'mp4'}`;
    return { ...content, about: { ...content.about, name } };
  });
}

/** What was asked for, and what of it there is not. @throws NvrError `unavailable` as of `ExportSources.find` */
export async function askedOf(
  { cameras, fromMs, toMs }: ExportSpec,
  { exporter, nameOf }: Pick<ContentDoors, 'exporter' | 'nameOf'>,
): Promise<ManifestCamera[]> {
  const interval = { startMs: fromMs, endMs: toMs };
  const asked: ManifestCamera[] = [];
  for (const cameraId of cameras) {
    const missing = subtract([interval], await exporter.recorded(cameraId, interval));
    asked.push({ cameraId, cameraName: nameOf(cameraId), askedFromMs: fromMs, askedToMs: toMs, missing });
  }
  return asked;
}

/** What is longer than a file can be becomes several. */
function pieces({ startMs, endMs }: Interval): Interval[] {
  const count = Math.ceil((endMs - startMs) / LONGEST_FILE_MS);
  return Array.from({ length: count }, (_, index) => ({
    startMs: epochMs(startMs + index * LONGEST_FILE_MS),
    endMs: epochMs(Math.min(endMs, startMs + (index + 1) * LONGEST_FILE_MS)),
  }));
}

async function contentOf(
  cameraId: CameraId,
  interval: Interval,
  plan: ExportPlan,
  { format, burnTime }: ExportSpec,
  { exporter, gaps, nameOf, zone }: ContentDoors,
): Promise<Content> {
  const delivered = {
    startMs: epochMs(Math.round(plan.interval.startMs)),
    endMs: epochMs(Math.round(plan.interval.endMs)),
  };
  const cameraName = nameOf(cameraId);
  const about = {
    name: safeName(exportName(cameraName, delivered, zone)),
    cameraId,
    cameraName,
    askedFromMs: interval.startMs,
    askedToMs: interval.endMs,
    deliveredFromMs: delivered.startMs,
    deliveredToMs: delivered.endMs,
    gaps: gaps(cameraId, interval).map(({ startMs, endMs, cause }) => ({
      startMs: epochMs(Math.max(startMs, interval.startMs)),
      endMs: epochMs(Math.min(endMs ?? interval.endMs, interval.endMs)),
      cause,
    })),
    driftMs: driftOf(plan),
    codecs: plan.init.codecs,
    burnTime,
  };
  if (format === 'mp4' || burnTime) {
    const file = new MovieFile(exporter, plan, { saysDuration: !burnTime });
    return { about, plan, bytes: file.bytes, read: () => file.read(0, file.bytes, reusedBlocks()) };
  }
  const file = await FragmentFile.open(exporter, plan);
  return { about, plan, bytes: file.bytes, read: () => file.read() };
}

/** Segments of a run begin where its clock is tied to the wall clock anew. */
function driftOf({ stretches }: ExportPlan): number | null {
  const sources = stretches.flatMap(({ files }) => files.map(({ source }) => source));
  let drift: number | null = null;
  for (const [index, source] of sources.entries()) {
    const before = sources[index - 1];
    if (before?.runId !== source.runId) continue;
    const mediaMs = ticksToMs(source.startTicks) - ticksToMs(before.startTicks);
    drift = (drift ?? 0) + source.startMs - before.startMs - mediaMs;
  }
  return drift === null ? null : Math.round(drift);
}
