/** How far a command is: a bar for people, JSON lines for programs. */
import { clearLine, drawBar } from './statusLine.ts';

export interface Progress {
  /** @param bytes done so far */
  show(bytes: number): void;
  /** All is done. */
  done(): void;
  /** Nothing more will be shown, whatever happened. */
  end(): void;
}

const BAR_MS = 100;
const LINE_MS = 1000;

/**
 * A bar on the standard error when that is a terminal, else lines on the standard output.
 * @param about said in the first line and the last @param total in bytes
 */
export function progressOf(about: object, total: number): Progress {
  return process.stderr.isTTY ? bar(about, total) : lines(about, total);
}

function bar(about: object, total: number): Progress {
  let shownMs = Number.NEGATIVE_INFINITY;
  const draw = (bytes: number) => {
    const share = total === 0 ? 1 : bytes / total;
    drawBar(share, `${(share * 100).toFixed(1)} % of ${(total / 1e6).toFixed(1)} MB`);
  };
  return {
    show(bytes) {
      if (performance.now() - shownMs < BAR_MS) return;
      shownMs = performance.now();
      draw(bytes);
    },
    done() {
      draw(total);
      const text = Object.entries(about).map(([name, value]) => `${name} ${String(value)}`);
      process.stderr.write(`\n${text.join(', ')}\n`);
    },
    end: clearLine,
  };
}

function lines(about: object, total: number): Progress {
  const say = (event: string, facts: object) => {
    process.stdout.write(`${JSON.stringify({ event, ...facts })}\n`);
  };
  let shownMs = performance.now();
  say('start', about);
  return {
    show(bytes) {
      if (performance.now() - shownMs < LINE_MS) return;
      shownMs = performance.now();
      say('progress', { done: bytes, total });
    },
    done: () => say('done', about),
    end: () => undefined,
  };
}
