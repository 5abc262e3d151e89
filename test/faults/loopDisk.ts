/** A small ext4 disk in a file, for tests that fill it, break it or cut its power. Needs root. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
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
  #copies = 0;

  constructor(megabytes: number) {
    mkdirSync(this.mount);
    execFileSync('truncate', ['-s', `${megabytes}M`, this.#image]);
    execFileSync('mkfs.ext4', ['-q', '-E', 'lazy_itable_init=0', this.#image]);
    this.attach();
  }

  attach(...options: string[]): void {
    execFileSync('mount', ['-o', ['loop', ...options].join(','), this.#image, this.mount]);
  }

  /** Also while it is in use: what is open stays open, and nothing new is reached. */
  detach(): void {
    execFileSync('umount', ['-l', this.mount]);
  }

  remount(mode: 'ro' | 'rw'): void {
    execFileSync('mount', ['-o', `remount,${mode}`, this.mount]);
  }

  /** Takes a copy of what has reached the disk by now; what the kernel still holds in memory is not in it. */
  copyPlatter(): void {
    this.#copies++;
    execFileSync('cp', ['--reflink=never', '--sparse=always', this.#image, this.#copy()]);
  }

  /** Mounts the copy in place of the disk, as after a power cut. */
  becomeCopy(): void {
    execFileSync('umount', [this.mount]);
    rmSync(this.#image);
    this.#image = this.#copy();
    this.attach();
  }

  discard(): void {
    try {
      execFileSync('umount', [this.mount], { stdio: 'ignore' });
    } finally {
      rmSync(this.folder, { recursive: true, force: true });
    }
  }

  #copy(): string {
    return path.join(this.folder, `disk-${this.#copies}`);
  }
}
