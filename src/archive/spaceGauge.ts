/**
 * Measures the free space of the volumes, how fast it shrinks, and when it has to be looked at again: the less there is
 * and the faster it goes, the sooner.
 */
import { statfs } from 'node:fs/promises';
import type { VolumeFacts, VolumeId } from '../domain/retention.ts';
import type { GarbageVolume } from './garbage.ts';

interface Reading {
  readonly atMs: number;
  readonly facts: VolumeFacts;
}

/** Another program may begin to write at any moment; disks of recorders rarely take more. */
const SUDDEN_BYTES_PER_SECOND = 100e6;
const LEAST_DELAY_MS = 100;
const MOST_DELAY_MS = 5_000;
/** It is looked at so often before the space could be used up. */
const LOOKS = 4;
/** How much of a rate is still believed at the next look, when that shows a lower one. */
const MEMORY = 0.8;

export class SpaceGauge {
  readonly #readings = new Map<VolumeId, Reading>();
  /** What was deleted since the last reading. */
  readonly #freed = new Map<VolumeId, number>();

  /** Tells that space was given back, which is not to be taken for slower writing. */
  freed(volumeId: VolumeId, bytes: number): void {
    this.#freed.set(volumeId, (this.#freed.get(volumeId) ?? 0) + bytes);
  }

  /** @param atMs of a clock that never steps. @throws NvrError of the disk. */
  async read(volume: GarbageVolume, atMs: number): Promise<VolumeFacts> {
    const { bavail, blocks, bfree, bsize } = await volume.gate.run(() => statfs(volume.path));
    const freeBytes = bavail * bsize;
    // What is kept for the superuser is neither free nor used.
    const totalBytes = (blocks - bfree) * bsize + freeBytes;
    const before = this.#readings.get(volume.id);
    const fillBytesPerSecond = before === undefined ? 0 : this.#rate(volume.id, before, freeBytes, atMs);
    const facts = { id: volume.id, totalBytes, freeBytes, fillBytesPerSecond };
    this.#readings.set(volume.id, { atMs, facts });
    this.#freed.delete(volume.id);
    return facts;
  }

  /** The last reading of a volume; null before the first. */
  last(volumeId: VolumeId): VolumeFacts | null {
    return this.#readings.get(volumeId)?.facts ?? null;
  }

  /** In how many ms the volumes have to be read again. */
  delayMs(): number {
    const each = [...this.#readings.values()].map(({ facts: { freeBytes, fillBytesPerSecond } }) => {
      const rate = Math.max(fillBytesPerSecond, SUDDEN_BYTES_PER_SECOND);
      return ((freeBytes / rate) * 1000) / LOOKS;
    });
    return Math.min(Math.max(LEAST_DELAY_MS, Math.min(...each)), MOST_DELAY_MS);
  }

  #rate(volumeId: VolumeId, { atMs: beforeMs, facts }: Reading, freeBytes: number, atMs: number): number {
    const seconds = (atMs - beforeMs) / 1000;
    if (seconds <= 0) return facts.fillBytesPerSecond;
    const used = facts.freeBytes + (this.#freed.get(volumeId) ?? 0) - freeBytes;
    return Math.max(0, used / seconds, facts.fillBytesPerSecond * MEMORY ** seconds);
  }
}
