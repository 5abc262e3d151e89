/** Webhooks against a real HTTP server that takes, refuses, hangs, redirects and goes away; over a real index. */
import { createHmac } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { webhookSender } from '../../src/app/webhookSender.ts';
import { Webhooks } from '../../src/app/webhooks.ts';
import { webhooksPort } from '../../src/app/webhooksPort.ts';
import { Database } from '../../src/archive/database.ts';
import { migrate } from '../../src/archive/migrations.ts';
import { WebhookStore } from '../../src/archive/webhookStore.ts';
import type { EventId, EventKind, NvrEvent } from '../../src/domain/event.ts';
import { cameraId } from '../../src/domain/ids.ts';
import { epochMs } from '../../src/domain/time.ts';
import { retryAfterMs } from '../../src/domain/webhook.ts';

const FRONT = cameraId('front');
const LOOPBACK = { webhooksToLoopback: true };
const HOUR_MS = 3_600_000;
const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

interface Heard {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A server that notes what it is sent, and answers as it is told. */
async function listen(answer: (response: ServerResponse, heard: readonly Heard[]) => void) {
  const heard: Heard[] = [];
  const listener: RequestListener = async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    heard.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    answer(response, heard);
  };
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { heard, url: `http://127.0.0.1:${port}/hook` };
}

function event(id: number, kind: EventKind = 'gap-begun'): NvrEvent {
  return {
    id: id as EventId,
    atMs: epochMs(1000 + id),
    kind,
    cameraId: FRONT,
    text: `event ${id}`,
    data: {},
  };
}

/** The runner over an index; the same index again is a restart. */
function run(store = newStore(), rules = LOOPBACK, limitMs = 400) {
  const clock = {
    ms: Date.UTC(2026, 5, 1),
    now: () => epochMs(clock.ms),
    monotonic: () => performance.now(),
  };
  const errors: string[] = [];
  const webhooks = new Webhooks({
    store,
    clock,
    send: webhookSender(rules, limitMs),
    log: { error: (_, message) => errors.push(message) },
    open: (sealed) => sealed.replace('sealed ', ''),
    nameOf: () => 'Front door',
    random: () => 0.5,
  });
  const port = webhooksPort({ store, webhooks, clock, rules, seal: (secret) => `sealed ${secret}` });
  open.push(() => webhooks.close());
  return { store, clock, webhooks, port, errors };
}

function newStore(): WebhookStore {
  const database = Database.open(':memory:');
  migrate(database);
  return new WebhookStore(database);
}

const input = (url: string) => ({ name: 'Home', url, kinds: null, cameras: null });

describe('a webhook', () => {
  test('is sent what it asked for, signed, and nothing else', async () => {
    const { heard, url } = await listen((response) => response.writeHead(204).end());
    const { webhooks, port, clock } = run();
    const made = await port.create({ ...input(url), kinds: ['gap-begun'], cameras: ['front'] });
    webhooks.hear(event(1));
    webhooks.hear(event(2, 'mark'));
    webhooks.hear({ ...event(3), cameraId: cameraId('yard') });
    webhooks.hear(event(4));
    await vi.waitUntil(() => heard.length === 2, { timeout: 10_000 });
    const [first, second] = heard;
    expect(JSON.parse(first?.body ?? '')).toEqual({
      event: event(1),
      camera: { id: 'front', name: 'Front door' },
    });
    expect(second?.body).toContain('event 4');
    const seconds = first?.headers['nightjar-timestamp'];
    expect(seconds).toBe(String(clock.ms / 1000));
    const mac = createHmac('sha256', made.secret).update(`${seconds}.${first?.body}`).digest('hex');
    expect(first?.headers['nightjar-signature']).toBe(`v1=${mac}`);
    await vi.waitUntil(async () => (await port.deliveries(made.id as never)).length === 2);
  });

  test('shows its secret once, stores it sealed, and signs with another from when it gets one', async () => {
    const { heard, url } = await listen((response) => response.end());
    const { webhooks, port, store } = run();
    const { secret, ...made } = await port.create(input(url));
    const id = (await port.list())[0]?.id as never;
    expect(JSON.stringify([await port.list(), await port.get(id)])).not.toContain(secret);
    expect(store.secret(id)).toBe(`sealed ${secret}`);
    const renewed = await port.renew(id);
    expect(renewed).toEqual({ ...made, secret: expect.not.stringContaining(secret) });
    webhooks.hear(event(1));
    await vi.waitUntil(() => heard.length === 1, { timeout: 10_000 });
    const [{ headers, body }] = heard as [Heard];
    const mac = createHmac('sha256', renewed.secret).update(`${headers['nightjar-timestamp']}.${body}`);
    expect(headers['nightjar-signature']).toBe(`v1=${mac.digest('hex')}`);
  });

  test('that is switched off or removed is told nothing more', async () => {
    const { heard, url } = await listen((response) => response.end());
    const { webhooks, port } = run();
    const off = (await port.create({ ...input(url), enabled: false })).id as never;
    webhooks.hear(event(1));
    await port.update(off, { enabled: true });
    webhooks.hear(event(2));
    await vi.waitUntil(() => heard.length === 1, { timeout: 10_000 });
    expect(heard[0]?.body).toContain('event 2');
    await port.remove(off);
    webhooks.hear(event(3));
    expect(() => port.get(off)).toThrow('no webhook');
    expect(heard).toHaveLength(1);
  });
});

describe('what fails', () => {
  const FAILURES: readonly (readonly [string, (response: ServerResponse) => void, number | null, RegExp])[] =
    [
      [
        'an error',
        (response) => response.writeHead(503).end('secrets of another machine'),
        503,
        /answered 503/,
      ],
      [
        'a redirect',
        (response) => response.writeHead(302, { location: '/other' }).end(),
        302,
        /not followed/,
      ],
      ['silence', () => undefined, null, /in time/],
      ['a connection that ends', (response) => response.destroy(), null, /hang up|without an answer/],
    ];
  test.each(FAILURES)('%s is tried again until it is taken', async (_, fail, status, why) => {
    const { heard, url } = await listen((response, all) => {
      if (all.length < 3) fail(response);
      else response.end();
    });
    const { webhooks, port, clock } = run();
    const { id } = await port.create(input(url));
    const delivery = async () => (await port.deliveries(id as never))[0];
    webhooks.hear(event(1));
    await vi.waitUntil(async () => (await delivery())?.attempts === 1);
    expect(await delivery()).toMatchObject({
      ...{ state: 'waiting', status, error: expect.stringMatching(why) },
      nextMs: clock.ms + 5_000,
    });
    clock.ms += 5_000;
    webhooks.changed();
    await vi.waitUntil(async () => (await delivery())?.attempts === 2);
    expect((await delivery())?.nextMs).toBe(clock.ms + 30_000);
    clock.ms += 30_000;
    webhooks.changed();
    await vi.waitUntil(async () => (await delivery())?.state === 'delivered');
    expect(await delivery()).toMatchObject({ attempts: 3, status: 200, error: null, nextMs: null });
    expect(new Set(heard.map(({ headers }) => headers['nightjar-delivery'])).size, 'one id').toBe(1);
  });

  test('is sent after a restart', async () => {
    let good = false;
    const { heard, url } = await listen((response) => response.writeHead(good ? 200 : 500).end());
    const before = run();
    await before.port.create(input(url));
    before.webhooks.hear(event(1));
    await vi.waitUntil(() => heard.length === 1, { timeout: 10_000 });
    await before.webhooks.close();
    good = true;
    const after = run(before.store);
    after.clock.ms += HOUR_MS;
    after.webhooks.start();
    await vi.waitUntil(() => heard.length === 2, { timeout: 10_000 });
    expect(heard[1]?.body).toBe(heard[0]?.body);
  });

  test('of one webhook keeps no other waiting', async () => {
    const hanging = await listen(() => undefined);
    const good = await listen((response) => response.end());
    const { webhooks, port } = run(newStore(), LOOPBACK, 5_000);
    await port.create(input(hanging.url));
    await port.create(input(good.url));
    for (let i = 1; i <= 5; i += 1) webhooks.hear(event(i));
    await vi.waitUntil(() => good.heard.length === 5, { timeout: 10_000 });
    expect(hanging.heard).toHaveLength(1);
    for (const close of open.splice(0, 1)) close();
  });

  test('is given up in the end: after the last try, and when too many wait', async () => {
    expect(retryAfterMs(1, 0.5)).toBe(5_000);
    expect(retryAfterMs(10, 0.5)).toBe(43_200_000);
    expect(retryAfterMs(11, 0.5)).toBeNull();
    const { store, port, webhooks, clock } = run();
    const { id } = await port.create(input('http://127.0.0.1:9/'));
    await port.update(id as never, { enabled: false });
    store.enqueue([id as never], '{}', clock.now(), 2);
    store.enqueue([id as never], '{}', clock.now(), 2);
    store.enqueue([id as never], '{}', clock.now(), 2);
    const states = async () => (await port.deliveries(id as never)).map(({ state }) => state);
    expect(await states()).toEqual(['waiting', 'waiting', 'given-up']);
    webhooks.prune();
    expect(await states()).toHaveLength(3);
    store.prune(0);
    expect(await states()).toEqual(['waiting', 'waiting']);
  });
});

describe('a test', () => {
  test('says what came of it', async () => {
    const { heard, url } = await listen((response) => response.writeHead(418).end());
    const { port } = run();
    const { id } = await port.create({ ...input(url), kinds: [] });
    const outcome = await port.test(id as never, 'ann');
    expect(outcome).toEqual({ status: 418, error: 'It answered 418.', ms: expect.any(Number) });
    expect(JSON.parse(heard[0]?.body ?? '').event).toMatchObject({
      text: 'A test by ann.',
      data: { test: true },
    });
  });
});

describe('an address', () => {
  test.each([
    ['this machine', 'http://127.0.0.1:1/'],
    ['this machine by name', 'http://localhost:1/'],
    ['this machine, written otherwise', 'http://2130706433/'],
    ['this machine in IPv6', 'http://[::1]/'],
    ['the metadata of a cloud', 'http://169.254.169.254/latest/'],
  ])('of %s is refused', async (_, url) => {
    const { port } = run(newStore(), { webhooksToLoopback: false });
    await expect(port.create(input(url))).rejects.toThrow(
      expect.objectContaining({ kind: 'forbidden', field: 'url' }),
    );
  });

  test('that was taken before the policy forbade it is not connected to', async () => {
    const { heard, url } = await listen((response) => response.end());
    const before = run();
    const { id } = await before.port.create(input(url));
    const { port } = run(before.store, { webhooksToLoopback: false });
    expect(await port.test(id as never, 'ann')).toMatchObject({ status: null, error: expect.any(String) });
    expect(heard).toEqual([]);
  });

  test.each(['http://user:secret@example.org/', 'http://'])('like %s is invalid', async (url) => {
    const { port } = run();
    await expect(port.create(input(url))).rejects.toThrow(expect.objectContaining({ kind: 'invalid' }));
  });
});
