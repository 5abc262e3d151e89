/** Settings as the command line gives and takes them: of the folder of a recorder, or of one that runs, by its API. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { SettingsIndex } from '../archive/settingsIndex.ts';
import type { Config } from '../config.ts';
import type { CameraDraft } from '../domain/camera.ts';
import { type ErrorKind, messageOf, NvrError } from '../domain/errors.ts';
import { isRecord } from '../domain/record.ts';
import { type Clock, epochMs } from '../domain/time.ts';
import { ImportInput } from '../http/wire/settings.ts';
import { mqttSettings } from './mqttPort.ts';
import { type CameraDoor, settingsPort } from './settingsPort.ts';
import { webhooksPort } from './webhooksPort.ts';

const CLOCK: Clock = { now: () => epochMs(Date.now()), monotonic: () => performance.now() };

/** @throws NvrError as `SettingsIndex.open` */
export function settingsOfFolder(config: Config, use: 'read' | 'change') {
  const index = SettingsIndex.open(config.stateDir, use);
  const rules = { webhooksToLoopback: config.webhooksToLoopback };
  const webhooks = webhooksPort({
    ...{ store: index.webhooks, clock: CLOCK, rules },
    // Nobody is running who could be told.
    webhooks: { changed: () => undefined, test: notRunning },
    seal: (secret) => index.vault.seal(secret, 'webhook'),
  });
  const port = settingsPort({
    ...{ fleet: cameraDoor(index), policies: index.policies, schedules: index.schedules },
    ...{ activity: index.activity, users: index.access.users, clock: CLOCK, webhooks },
    mqtt: { ...mqttSettings(index.settings, rules), settle: () => undefined },
    endSessions: (name) => index.access.sessions.removeOf(name, null),
    together: (work) => index.together(work),
  });
  return {
    give: async (passphrase: string | null) => await port.give(passphrase),
    take: async (input: object, trial: boolean) => await port.take(checked(input), trial),
    close: () => index.close(),
  };
}

function notRunning(): never {
  throw new NvrError('unavailable', 'The recorder is not running.');
}

function cameraDoor(index: SettingsIndex): CameraDoor {
  const put = (draft: CameraDraft): void => {
    const before = index.cameras.list().find(({ id }) => id === draft.id);
    if (before === undefined) index.cameras.insert(draft, CLOCK.now());
    else index.cameras.update(draft, before.revision, CLOCK.now());
  };
  return {
    list: () => index.cameras.list().map((camera) => ({ camera })),
    putAll: (drafts, together) => together(() => drafts.forEach(put)),
    reschedule: () => undefined,
  };
}

/** @throws NvrError `invalid` naming the field */
function checked(input: unknown): ImportInput {
  const check = new Ajv({ allErrors: false, discriminator: true, strict: false }).compile<ImportInput>(
    ImportInput,
  );
  if (check(input)) return input;
  const [{ instancePath = '', message = 'is wrong' } = {}] = check.errors ?? [];
  const field = instancePath.slice(1).replaceAll('/', '.');
  throw new NvrError('invalid', `This is no file of settings: ${field} ${message}.`, { field });
}

const KINDS: Readonly<Record<number, ErrorKind>> = {
  400: 'invalid',
  401: 'unauthorised',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
};

/**
 * @param url of a recorder that runs, e.g. `https://nvr:8443`
 * @param loginFile a file with a token, or with `name:password`, in its first line
 * @throws NvrError `invalid` when that can't be read
 */
export function settingsOfRecorder(url: string, loginFile: string) {
  const authorization = authorizationOf(loginFile);
  const ask = async (path: string, body?: object): Promise<unknown> => {
    const address = new URL(`/api/v1/settings/${path}`, url);
    const init =
      body === undefined
        ? { headers: { authorization } }
        : {
            method: 'POST',
            headers: { authorization, 'content-type': 'application/json' },
            body: JSON.stringify(body),
          };
    const answer = await fetch(address, { ...init, redirect: 'error' }).catch((cause: unknown) => {
      throw new NvrError('unavailable', `The recorder ${address.host} can’t be reached: ${whyOf(cause)}.`, {
        cause,
      });
    });
    const json: unknown = await answer.json().catch(() => null);
    if (answer.ok) return json;
    const { detail = `It answered ${answer.status}.` } = isRecord(json) ? json : {};
    throw new NvrError(KINDS[answer.status] ?? 'unavailable', String(detail));
  };
  return {
    give: (passphrase: string | null) =>
      passphrase === null ? ask('export') : ask('export', { passphrase }),
    take: (input: object, trial: boolean) => ask(`import${trial ? '?dryRun=1' : ''}`, input),
    close: async () => undefined,
  };
}

/** Node says only that fetching failed; why is in its cause. */
function whyOf(cause: unknown): string {
  return messageOf(cause instanceof Error && cause.cause !== undefined ? cause.cause : cause);
}

function authorizationOf(file: string): string {
  try {
    const [login = ''] = readFileSync(file, 'utf8').split(/\r?\n/, 1);
    return login.includes(':') ? `Basic ${Buffer.from(login).toString('base64')}` : `Bearer ${login.trim()}`;
  } catch (cause) {
    throw new NvrError('invalid', `The login ${file} can’t be read: ${messageOf(cause)}`, {
      field: 'login',
      cause,
    });
  }
}
