/**
 * Read first by each program that the recorder starts as a process of its own: closes the descriptors that came with the
 * start. GStreamer opens files and devices without close-on-exec, and who holds the write end of a FIFO or a capture
 * device keeps it from ending or from going away. Node opens everything with close-on-exec, so what lacks that was
 * inherited.
 */
import { closeSync, readdirSync, readFileSync } from 'node:fs';

const DESCRIPTORS = '/proc/self/fd';
/** Standard input, output, error and the channel to the recorder. */
const LAST_OWN = 3;
/** Of Linux, as `/proc` writes it: octal. */
const O_CLOEXEC = 0o2000000;

function closeInherited(): void {
  for (const name of namesOf(DESCRIPTORS)) {
    const descriptor = Number(name);
    if (descriptor > LAST_OWN && isInherited(descriptor)) closeSync(descriptor);
  }
}

function isInherited(descriptor: number): boolean {
  try {
    const said = readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8');
    const flags = /^flags:\s*([0-7]+)/m.exec(said)?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
  } catch {
    // That of the listing itself, which is closed again.
    return false;
  }
}

/** Nothing on a system without `/proc`. */
function namesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

closeInherited();
