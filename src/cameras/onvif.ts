/**
 * Devices that speak ONVIF (Core and PTZ service specifications): who they are, and moving them. Each is asked from a
 * process of its own: the library reads what a device answers without looking, and throws where nobody can catch it.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../domain/childEnvironment.ts';
import { NvrError } from '../domain/errors.ts';
import type { DeviceAddress, DeviceInfo, Motion } from '../domain/ptz.ts';

/** What the process is asked for; it answers once and ends. */
export type OnvifQuestion =
  | { readonly type: 'info'; readonly address: DeviceAddress }
  | {
      readonly type: 'move';
      readonly address: DeviceAddress;
      readonly motion: Motion;
      readonly forMs: number;
    };

export type OnvifAnswer =
  | { readonly type: 'info'; readonly info: DeviceInfo }
  | { readonly type: 'moved' }
  | { readonly type: 'failed'; readonly why: string };

const ANSWER_LIMIT_MS = 15_000;

/** @throws NvrError `unavailable` with why: it does not answer, it wants other credentials, it is no such device. */
export async function deviceInfo(address: DeviceAddress): Promise<DeviceInfo> {
  const answer = await ask({ type: 'info', address });
  if (answer.type === 'info') return answer.info;
  throw unavailable('it said something else');
}

/**
 * Moves the device for so long, at most ten seconds, or stops it.
 * @throws as `deviceInfo`, also when it can't move
 */
export async function move(address: DeviceAddress, motion: Motion, forMs: number): Promise<void> {
  await ask({ type: 'move', address, motion, forMs });
}

async function ask(question: OnvifQuestion): Promise<OnvifAnswer> {
  const child = start();
  try {
    const answer = await answerOf(child, question);
    if (answer.type === 'failed') throw unavailable(answer.why);
    return answer;
  } finally {
    child.kill('SIGKILL');
  }
}

function start(): ChildProcess {
  const program = fileURLToPath(new URL(`onvifProcess${extname(import.meta.url)}`, import.meta.url));
  return fork(program, [], {
    env: childEnvironment(process.env),
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}

async function answerOf(child: ChildProcess, question: OnvifQuestion): Promise<OnvifAnswer> {
  return await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(unavailable('it does not answer')), ANSWER_LIMIT_MS);
    child.once('message', (answer: OnvifAnswer) => resolve(answer));
    child.once('error', () => reject(unavailable('no process could be started')));
    child.once('exit', () => {
      clearTimeout(timer);
      reject(unavailable('its answers make no sense'));
    });
    child.send(question);
  });
}

function unavailable(why: string): NvrError {
  return new NvrError('unavailable', `The device can’t be asked over ONVIF: ${why}.`, { field: 'host' });
}
