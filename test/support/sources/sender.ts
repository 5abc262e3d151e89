/** ffmpeg as an encoder that sends the clip as MPEG-TS, in a loop and at its own pace, until it is stopped. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { clip } from './clip.ts';

export interface Sender {
  /** When it has ended, by itself or stopped. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** @param target where ffmpeg sends to, e.g. `udp://127.0.0.1:5000` */
export async function sendTo(target: string): Promise<Sender> {
  const input = ['-re', '-stream_loop', '-1', '-i', await clip('ts'), '-c', 'copy'];
  const child = spawn('ffmpeg', ['-v', 'error', '-nostdin', ...input, '-f', 'mpegts', target], {
    stdio: 'ignore',
  });
  const closed = once(child, 'close');
  return {
    ended: closed.then(() => undefined),
    async stop() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}
