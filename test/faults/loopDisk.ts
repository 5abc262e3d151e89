/** A small ext4 disk in a file, for tests that fill it, break it or cut its power. Needs root. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Whether disks can be made and mounted here. */
export function canMount(): boolean {
  return process.getuid?.() === 0;
}

export class LoopDisk {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'nightjar-disk-'));
  /** Where it is mounted. */
  readonly mount = path.join(this.folder, 'mount');
  #image = path.join(this.folder, 'disk-0');
  #device: string;
  #copies = 0;

  constructor(megabytes: number) {
    mkdirSync(this.mount);
    execFileSync('truncate', ['-s', `${megabytes}M`, this.#image]);
    execFileSync('mkfs.ext4', ['-q', '-E', 'lazy_itable_init=0', '-e', 'remount-ro', this.#image]);
    this.#device = attach(this.#image);
    this.plugIn();
  }

  plugIn(): void {
    execFileSync('mount', [this.#device, this.mount]);
  }

  /** Also while it is in use: what is open stays open, and nothing new is reached. */
  pullOut(): void {
    execFileSync('umount', ['-l', this.mount]);
  }

  /** The kernel finds an error in the file system and makes it read-only. */
  fail(): void {
    writeFileSync(`/sys/fs/ext4/${path.basename(this.#device)}/trigger_fs_error`, 'a test');
  }

  /** What an administrator does with one that failed, once nobody uses it. */
  repair(): void {
    // 1: errors were corrected.
    const { status } = spawnSync('fsck.ext4', ['-p', this.#device]);
    if (status !== 0 && status !== 1) throw new Error(`fsck.ext4 ended with ${status}.`);
    this.plugIn();
  }

  /** Nothing that is written comes back until it thaws. */
  freeze(): void {
    execFileSync('fsfreeze', ['-f', this.mount]);
  }

  thaw(): void {
    execFileSync('fsfreeze', ['-u', this.mount]);
  }

  /** Takes a copy of what has reached the disk by now; what the kernel still holds in memory is not in it. */
  copyPlatter(): void {
    this.#copies++;
    execFileSync('cp', ['--reflink=never', '--sparse=always', this.#image, this.#copy()]);
  }

  /** Mounts the copy in place of the disk, as after a power cut. */
  becomeCopy(): void {
    execFileSync('umount', [this.mount]);
    execFileSync('losetup', ['-d', this.#device]);
    rmSync(this.#image);
    this.#image = this.#copy();
    this.#device = attach(this.#image);
    this.plugIn();
  }

  discard(): void {
    for (const undo of [
      ['umount', this.mount],
      ['losetup', '-d', this.#device],
    ] as const) {
      const [command, ...args] = undo;
      spawnSync(command, args, { stdio: 'ignore' });
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  #copy(): string {
    return path.join(this.folder, `disk-${this.#copies}`);
  }
}

function attach(image: string): string {
  return execFileSync('losetup', ['-f', '--show', image], { encoding: 'utf8' }).trim();
}
