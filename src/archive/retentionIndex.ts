/**
 * What retention asks of the index, and how it takes segments out. Everything here costs as much as it gives, however
 * large the archive is.
 */
import type { CameraId, SegmentId } from '../domain/ids.ts';
import type { FootageFacts, SegmentRef, VolumeId } from '../domain/retention.ts';
import { type EpochMs, epochMs, type Interval } from '../domain/time.ts';
import type { Database } from './database.ts';
import { ForgottenBooks } from './forgottenBooks.ts';
import { type GarbageFile, GarbageIndex } from './garbageIndex.ts';
import type { ProtectionStore } from './protectionStore.ts';
import { LONG_SEGMENT_MS } from './schema.ts';
import { SegmentRows } from './segmentRows.ts';

/** What there is of a camera on a volume. */
export interface FootageTotal {
  readonly cameraId: CameraId;
  readonly volumeId: VolumeId;
  readonly segments: number;
  readonly bytes: number;
}

interface AgeRow {
  readonly id: SegmentId;
  readonly startMs: EpochMs;
  readonly endMs: EpochMs;
  readonly bytes: number;
}

/** A stretch between two protected intervals. */
interface Span {
  readonly from: number;
  readonly to: number;
}

interface Start {
  /** What was protected then. */
  readonly intervals: readonly Interval[];
  fromMs: number;
  uses: number;
}

const MOST_USES = 100;
const FOREVER = 253_402_300_800_000;

export class RetentionIndex {
  /** Where the files of segments go that leave. */
  readonly garbage: GarbageIndex;
  readonly #database: Database;
  readonly #protections: ProtectionStore;
  readonly #rows: SegmentRows;
  readonly #books: ForgottenBooks;
  readonly #sql: ReturnType<typeof statements>;
  readonly #starts = new Map<string, Start>();

  constructor(database: Database, protections: ProtectionStore) {
    this.#database = database;
    this.#protections = protections;
    this.garbage = new GarbageIndex(database);
    this.#rows = new SegmentRows(database);
    this.#books = new ForgottenBooks(database);
    this.#sql = statements(database);
  }

  totals(): FootageTotal[] {
    return this.#sql.totals.all();
  }

  /** The volume that each camera is writing to now. */
  writing(): ReadonlyMap<CameraId, VolumeId> {
    return new Map(this.#sql.writing.all().map(({ cameraId, volumeId }) => [cameraId, volumeId]));
  }

  /** Where the newest footage of any camera ends; null when there is none. */
  newestMs(): EpochMs | null {
    const ends = this.totals().flatMap(({ cameraId }) => this.extent(cameraId)?.endMs ?? []);
    return ends.length === 0 ? null : epochMs(Math.max(...ends));
  }

  /** From the start of a camera's oldest segment to the end of the one that starts last. */
  extent(cameraId: CameraId): Interval | null {
    const first = this.#sql.first.get(cameraId);
    const last = this.#sql.last.get(cameraId);
    return first === undefined || last === undefined ? null : { startMs: first.startMs, endMs: last.endMs };
  }

  /** Bytes of the segments of a camera that start in an interval. */
  bytesIn(cameraId: CameraId, { startMs, endMs }: Interval): number {
    return this.#sql.bytesIn.get(cameraId, startMs, endMs)?.bytes ?? 0;
  }

  /** Bytes of the segments of a camera on a volume that are protected. */
  protectedBytes({ cameraId, volumeId }: Pick<FootageTotal, 'cameraId' | 'volumeId'>): number {
    const counted = this.#protections
      .intervals(cameraId)
      .map(({ startMs, endMs }) =>
        this.#sql.reaching.get(volumeId, cameraId, startMs - LONG_SEGMENT_MS, endMs, startMs),
      );
    return counted.reduce((sum, row) => sum + (row?.bytes ?? 0), 0);
  }

  /** The facts of one camera on one volume, with the oldest segments that are not protected. */
  facts({ cameraId, volumeId, bytes }: FootageTotal, count: number): FootageFacts {
    const oldest: SegmentRef[] = [];
    const start = this.#startOf(cameraId, volumeId);
    for (const span of this.#unprotected(cameraId)) {
      if (span.to <= start.fromMs) continue;
      if (oldest.length >= count) break;
      const rows = this.#rowsIn(span, volumeId, cameraId, count - oldest.length);
      for (const row of rows) oldest.push({ ...row, cameraId, volumeId, protected: false });
      if (oldest.length === 0 && span.to < FOREVER) start.fromMs = span.to;
    }
    return { cameraId, volumeId, bytes, oldest, more: oldest.length >= count };
  }

  /**
   * Takes segments out of the index: their files become garbage, in one transaction. Stops early when it has taken as
   * long as it may, so that nobody waits for it; gives the files whose segments are gone.
   */
  condemn(segments: readonly SegmentRef[], mayGoOn: () => boolean): GarbageFile[] {
    return this.#database.transaction(() => {
      const files: GarbageFile[] = [];
      const gone = new Map<CameraId, SegmentRef[]>();
      const runs = new Set<number>();
      for (const segment of segments) {
        const { id, cameraId } = segment;
        const buried = this.#rows.bury(id);
        if (buried === null) continue;
        const { run, ...file } = buried;
        files.push(file);
        gone.set(cameraId, [...(gone.get(cameraId) ?? []), segment]);
        runs.add(run);
        if (!mayGoOn()) break;
      }
      for (const run of runs) this.#sql.forgetRun.run(run);
      for (const [cameraId, its] of gone) this.#books.forget(cameraId, its);
      return files;
    });
  }

  /**
   * Up to where everything of a camera on a volume is known to be protected. Hundreds of locked intervals are not gone
   * through each time, but now and then, for a clock that was set back may have brought older footage.
   */
  #startOf(cameraId: CameraId, volumeId: VolumeId): Start {
    const key = `${cameraId} ${volumeId}`;
    const intervals = this.#protections.intervals(cameraId);
    const known = this.#starts.get(key);
    if (known !== undefined && known.intervals === intervals && known.uses++ < MOST_USES) return known;
    const start = { intervals, fromMs: -1, uses: 0 };
    this.#starts.set(key, start);
    return start;
  }

  #unprotected(cameraId: CameraId): readonly Span[] {
    const intervals = this.#protections.intervals(cameraId);
    return [...intervals, null].map((next, index) => ({
      from: intervals[index - 1]?.endMs ?? -1,
      to: next?.startMs ?? FOREVER,
    }));
  }

  /** Segments that lie wholly in a span, oldest first. */
  #rowsIn({ from, to }: Span, volumeId: VolumeId, cameraId: CameraId, count: number): AgeRow[] {
    const found: AgeRow[] = [];
    let after = { startMs: from, id: 0 };
    while (found.length < count) {
      const rows = this.#sql.oldest.all(
        volumeId,
        cameraId,
        after.startMs,
        to,
        after.startMs,
        after.id,
        count,
      );
      // The last ones of a span may reach into what is protected.
      found.push(...rows.filter(({ endMs }) => endMs <= to));
      const last = rows.at(-1);
      if (last === undefined || rows.length < count) break;
      after = last;
    }
    return found.slice(0, count);
  }
}

function statements(database: Database) {
  return {
    totals: database.prepare<[], FootageTotal>(
      'SELECT camera_id AS cameraId, volume_id AS volumeId, segments, bytes FROM footage_total',
    ),
    writing: database.prepare<[], { cameraId: CameraId; volumeId: VolumeId }>(
      'SELECT camera_id AS cameraId, volume_id AS volumeId FROM open_segment ORDER BY id',
    ),
    first: database.prepare<[string], { startMs: EpochMs }>(
      `SELECT start_ms AS startMs FROM segment INDEXED BY segment_by_start WHERE camera_id = ?
       ORDER BY start_ms LIMIT 1`,
    ),
    last: database.prepare<[string], { endMs: EpochMs }>(
      `SELECT end_ms AS endMs FROM segment INDEXED BY segment_by_start WHERE camera_id = ?
       ORDER BY start_ms DESC LIMIT 1`,
    ),
    bytesIn: database.prepare<[string, number, number], { bytes: number | null }>(
      `SELECT sum(bytes) AS bytes FROM segment INDEXED BY segment_by_start
       WHERE camera_id = ? AND start_ms >= ? AND start_ms < ?`,
    ),
    reaching: database.prepare<[number, string, number, number, number], { bytes: number | null }>(
      `SELECT sum(bytes) AS bytes FROM segment INDEXED BY segment_by_age
       WHERE volume_id = ? AND camera_id = ? AND start_ms > ? AND start_ms < ? AND end_ms > ?`,
    ),
    oldest: database.prepare<[number, string, number, number, number, number, number], AgeRow>(
      `SELECT id, start_ms AS startMs, end_ms AS endMs, bytes FROM segment INDEXED BY segment_by_age
       WHERE volume_id = ? AND camera_id = ? AND start_ms >= ? AND start_ms < ?
         AND (start_ms, id) > (?, ?)
       ORDER BY start_ms, id LIMIT ?`,
    ),
    forgetRun: database.prepare<[number]>(
      `DELETE FROM run WHERE id = ? AND ended_ms IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM segment WHERE run_id = run.id)
         AND NOT EXISTS (SELECT 1 FROM open_segment WHERE run_id = run.id)`,
    ),
  };
}
