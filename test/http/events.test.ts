/** Who sees which events, what is told of requests, and the live socket, over a real bus and index. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { EventBus } from '../../src/app/eventBus.ts';
import { eventsPort } from '../../src/app/eventsPort.ts';
import { Database } from '../../src/archive/database.ts';
import { EventStore } from '../../src/archive/eventStore.ts';
import { migrate } from '../../src/archive/migrations.ts';
import { cameraId } from '../../src/domain/ids.ts';
import { fakeEventPorts } from './eventFakes.ts';
import { type Harness, HeldClock, logIn, problemOf, startHarness, USER_PASSWORD } from './harness.ts';

const API = '/api/v1';
const FRONT = cameraId('front-door');
const YARD = cameraId('yard');
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

/** A server over a real bus. */
async function start(): Promise<{ harness: Harness; bus: EventBus }> {
  const database = Database.open(':memory:');
  migrate(database);
  const store = new EventStore(database);
  const clock = new HeldClock();
  const bus = new EventBus(store, clock, { error: () => undefined });
  const events = eventsPort({ bus, store, clock, knows: () => true });
  const harness = await startHarness({ events: { ...fakeEventPorts(noCall), events } });
  open.push({ close: () => bus.close() }, harness);
  return { harness, bus };
}

const noCall = (name: string) => async () => expect.unreachable(name);

/** A viewer of one camera. */
async function addGuest(harness: Harness): Promise<string> {
  const viewer = harness.users.find('viewer') ?? expect.unreachable();
  harness.users.insert({ ...viewer, name: 'guest', cameras: [YARD] });
  return await logIn(harness.app, 'guest');
}

const texts = (answer: { json(): { events: { text: string }[] } }) =>
  answer.json().events.map(({ text }) => text);

describe('the list', () => {
  it('shows private kinds to administrators only', async () => {
    const { harness, bus } = await start();
    bus.record({ kind: 'login', text: 'ann logged in.' });
    bus.record({ kind: 'system', text: 'Started.' });
    const at = { url: `${API}/events?kinds=login,system` };
    expect(texts(await harness.as('admin', at))).toContain('ann logged in.');
    expect(texts(await harness.as('viewer', at))).toEqual(['Started.']);
    const rest = await harness.as('viewer', { url: `${API}/events` });
    expect(texts(rest)).toEqual(['Started.']);
  });

  it('shows cameras that are granted, and of others not even that they exist', async () => {
    const { harness, bus } = await start();
    const mark = bus.record({ kind: 'mark', cameraId: FRONT, text: 'front' });
    bus.record({ kind: 'mark', cameraId: YARD, text: 'yard' });
    const cookie = await addGuest(harness);
    const headers = { cookie };
    expect(texts(await harness.app.inject({ url: `${API}/events`, headers }))).toEqual(['yard']);
    const asked = await harness.app.inject({ url: `${API}/events?cameras=front-door`, headers });
    expect(problemOf(asked).status).toBe(404);
    const guest = harness.users.find('guest') ?? expect.unreachable();
    harness.users.rows.set('guest', { ...guest, role: 'operator' });
    for (const method of ['PATCH', 'DELETE'] as const) {
      const payload = method === 'PATCH' ? { payload: { text: 'mine' } } : {};
      const url = `${API}/events/${mark.id}`;
      expect((await harness.app.inject({ method, url, headers, ...payload })).statusCode).toBe(404);
    }
    const payload = { text: 'x', cameras: ['front-door'] };
    const marked = await harness.app.inject({ method: 'POST', url: `${API}/events`, headers, payload });
    expect(marked.statusCode).toBe(404);
  });

  it('goes through all pages by cursor', async () => {
    const { harness, bus } = await start();
    for (let i = 0; i < 7; i += 1) bus.record({ kind: 'mark', text: `${i}` });
    const seen: string[] = [];
    for (let cursor = ''; cursor !== 'null'; ) {
      const url = `${API}/events?kinds=mark&limit=3${cursor && `&cursor=${cursor}`}`;
      const page = await harness.as('viewer', { url });
      seen.push(...texts(page));
      cursor = String(page.json().next);
    }
    expect(seen).toEqual(['6', '5', '4', '3', '2', '1', '0']);
  });

  it.each(['kinds=nonsense', 'cameras=', 'cameras=A', 'limit=0', 'cursor=7', 'from=-1', 'text='])(
    'refuses %s',
    async (query) => {
      const { harness } = await start();
      expect((await harness.as('viewer', { url: `${API}/events?${query}` })).statusCode).toBe(400);
    },
  );
});

describe('what is told of requests', () => {
  it('is who changed what, and who logged in', async () => {
    const { harness } = await start();
    await harness.as('admin', {
      method: 'PATCH',
      url: `${API}/cameras/front-door`,
      payload: { mode: 'off' },
    });
    const told = await harness.as('admin', { url: `${API}/events?kinds=login,configuration` });
    expect(told.json().events).toMatchObject([
      {
        kind: 'configuration',
        cameraId: 'front-door',
        text: 'admin: Change a camera.',
        data: { user: 'admin', method: 'PATCH', route: `${API}/cameras/:cameraId` },
      },
      { kind: 'login', text: 'admin logged in.', data: { user: 'admin', good: true } },
    ]);
  });

  it('is not what was refused, looked at or tried', async () => {
    const { harness } = await start();
    await harness.as('viewer', { method: 'DELETE', url: `${API}/cameras/front-door` });
    await harness.as('admin', { method: 'PATCH', url: `${API}/cameras/front-door`, payload: {} });
    await harness.as('admin', { url: `${API}/cameras` });
    await harness.as('admin', {
      method: 'POST',
      url: `${API}/probe`,
      payload: { source: { kind: 'rtsp', url: 'rtsp://192.0.2.1/' } },
    });
    await harness.as('admin', { method: 'POST', url: `${API}/events`, payload: { text: 'x' } });
    const told = await harness.as('admin', { url: `${API}/events?kinds=configuration` });
    expect(told.json().events).toEqual([]);
  });

  it('of logins that fail, is one in a minute, without the name that was typed', async () => {
    const { harness } = await start();
    const payload = { name: 'my secret password', password: 'x' };
    for (let i = 0; i < 3; i += 1)
      await harness.app.inject({ method: 'POST', url: `${API}/session`, payload });
    const told = await harness.as('admin', { url: `${API}/events?kinds=login` });
    expect(texts(told)).toEqual(['admin logged in.', 'Somebody at 127.0.0.1 could not log in.']);
    expect(told.body).not.toContain('secret');
    expect(told.body).not.toContain(USER_PASSWORD);
  });
});

describe('the live socket', () => {
  async function listen(harness: Harness): Promise<string> {
    await harness.app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = harness.app.server.address() as AddressInfo;
    return `ws://127.0.0.1:${port}${API}/events/live`;
  }

  function connect(url: string, headers: Record<string, string>) {
    const socket = new WebSocket(url, { headers });
    open.push({ close: () => socket.terminate() });
    const heard: { type: string; change?: string; event?: { text: string } }[] = [];
    socket.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString())));
    const hear = async (count: number) => {
      while (heard.length < count) await once(socket, 'message');
      return heard.map(({ type, change, event }) => (event ? `${change} ${event.text}` : type));
    };
    return { socket, heard, hear };
  }

  it('says what was missed, then what happens', async () => {
    const { harness, bus } = await start();
    const url = await listen(harness);
    const cookie = await logIn(harness.app, 'viewer');
    const first = bus.record({ kind: 'system', text: 'one' });
    bus.record({ kind: 'system', text: 'two' });
    bus.record({ kind: 'login', text: 'private' });
    const { hear, heard } = connect(`${url}?after=${first.id}`, { cookie });
    expect(await hear(2)).toEqual(['hello', 'added two']);
    expect(heard[0]).toEqual({ type: 'hello', lastId: bus.lastId, missed: false });
    const mark = bus.record({ kind: 'mark', text: 'three' });
    bus.remove(mark.id);
    bus.publish({ kind: 'configuration', text: 'private' });
    bus.publish({ kind: 'system', text: 'four' });
    expect((await hear(5)).slice(2)).toEqual(['added three', 'removed three', 'added four']);
  });

  it('tells of the kinds and cameras that are asked for and granted', async () => {
    const { harness, bus } = await start();
    const url = await listen(harness);
    const { hear } = connect(`${url}?kinds=mark`, { cookie: await addGuest(harness) });
    await hear(1);
    bus.publish({ kind: 'mark', cameraId: FRONT, text: 'foreign' });
    bus.publish({ kind: 'activity', cameraId: YARD, text: 'other' });
    bus.publish({ kind: 'mark', cameraId: YARD, text: 'wanted' });
    expect(await hear(2)).toEqual(['hello', 'added wanted']);
  });

  it('says when more was missed than it tells', async () => {
    const { harness, bus } = await start();
    const url = await listen(harness);
    const cookie = await logIn(harness.app, 'viewer');
    for (let i = 0; i < 5_010; i += 1) bus.publish({ kind: 'system', text: `${i}` });
    bus.record({ kind: 'system', text: 'last' });
    const { heard, hear } = connect(`${url}?after=1`, { cookie });
    await hear(5_001);
    expect(heard[0]).toMatchObject({ missed: true });
    expect(heard.at(-1)?.event?.text).toBe('last');
  });

  it.each([
    ['nobody', {}, '', 401],
    ['another site', { origin: 'http://evil.example' }, '', 403],
    ['a kind that does not exist', {}, '?kinds=nonsense', 400],
  ] as const)('is closed to %s', async (who, headers, query, status) => {
    const { harness } = await start();
    const url = await listen(harness);
    const cookie = who === 'nobody' ? {} : { cookie: await logIn(harness.app, 'viewer') };
    const { socket } = connect(`${url}${query}`, { ...headers, ...cookie });
    socket.on('error', () => undefined);
    const [, response] = await once(socket, 'unexpected-response');
    expect(response.statusCode).toBe(status);
  });
});
