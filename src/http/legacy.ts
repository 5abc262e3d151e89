/**
 * The older camera API of existing front ends, beside our own and over the same use cases. Those clients send no
 * credentials: they are let in by their address, or by a token. They look at the body only, so that every answer is a
 * 200, and `status` says whether it was done.
 */
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { messageOf } from '../domain/errors.ts';
import {
  LEGACY_FAILURE,
  type LegacyCamera,
  type LegacyKey,
  type LegacyOutcome,
  legacyAnswer,
  readDevice,
  readDirection,
  readFlag,
  readGid,
  readLegacyCamera,
  readLegacyKey,
  readPort,
  readSeq,
} from '../domain/legacy.ts';
import type { DeviceAddress, DeviceInfo, Motion } from '../domain/ptz.ts';
import { isRecord } from '../domain/record.ts';
import type { Zone } from '../domain/zone.ts';
import { sendPlaylist } from './answers.ts';
import { LISTED_CLIENT } from './auth/listedClient.ts';
import { HttpError, refusalOf } from './problems.ts';
import { open } from './rules.ts';

/** What those clients can do. Each throws NvrError: `not-found`, `invalid`, `conflict`, `unavailable`. */
export interface LegacyPort {
  readonly zone: Zone;
  /** Whether every camera of the boot list was started. */
  booted(): boolean;
  /** Begins to fetch that list, and gives it up. */
  start(): void;
  stop(): void;
  /** Adds or changes a camera. @param formerGid the group that it was in before; null when that is not said */
  register(camera: LegacyCamera, formerGid: string | null): Promise<LegacyOutcome>;
  record(key: LegacyKey, isRec: boolean): Promise<LegacyOutcome>;
  remove(key: LegacyKey): Promise<void>;
  /** Every camera with that number, of whatever group. */
  keysOf(seq: number): readonly LegacyKey[];
  /** @param key null when it is not said which camera @param port of its ONVIF service */
  move(key: LegacyKey | null, motion: Motion, port: number): Promise<void>;
  info(address: DeviceAddress): Promise<DeviceInfo>;
  livePlaylist(key: LegacyKey): Promise<string>;
  /** @param date `YYYYMMDD` @param time `HH:MM:SS` when the recording began; null for the whole day */
  recordedPlaylist(key: LegacyKey, date: string, time: string | null): Promise<string>;
}

type Body = Readonly<Record<string, unknown>>;

const hidden = { config: open, schema: { hide: true } } as const;

/** @param admits whether a request comes from a client that is let in */
export function legacyRoutes(
  legacy: LegacyPort,
  admits: (request: FastifyRequest) => boolean,
): FastifyPluginAsync {
  return async (app) => {
    app.addHook('onListen', async () => legacy.start());
    app.addHook('onClose', async () => legacy.stop());
    app.addHook('onRequest', async (request) => {
      if (!admits(request)) throw new HttpError(403, 'This address may not use the older API.');
      // The gate leaves these routes alone: whoever is let in here may change cameras, and the audit log says so.
      request.identity = LISTED_CLIENT;
    });
    app.removeAllContentTypeParsers();
    // Whatever they call it, it is JSON.
    app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    registrations(app, legacy);
    devices(app, legacy);
    playlists(app, legacy);
  };
}

function registrations(app: FastifyInstance, legacy: LegacyPort): void {
  const answer = (request: FastifyRequest, outcome: LegacyOutcome) =>
    legacyAnswer(outcome, `${request.protocol}://${request.host}`, legacy.zone);

  app.get('/api/boot/end', hidden, async (_request, reply) => sendText(reply, legacy.booted()));

  app.post('/api/camera', hidden, async (request) =>
    orFailure(request, async () => {
      const outcome = await legacy.register(readLegacyCamera(bodyOf(request)), null);
      const { status, isRec, inserted, updated, stream_url } = answer(request, outcome);
      return { status, isRec, inserted, updated, stream_url };
    }),
  );

  app.put('/api/camera', hidden, async (request) =>
    orFailure(request, async () => {
      const body = bodyOf(request);
      const { b_gid: former } = body;
      const formerGid = former === undefined || former === null ? null : readGid(former, 'b_gid');
      return answer(request, await legacy.register(readLegacyCamera(body), formerGid));
    }),
  );

  app.put('/api/camera/record/status', hidden, async (request) =>
    orFailure(request, async () => {
      const body = bodyOf(request);
      const { isRec } = body;
      return answer(request, await legacy.record(readLegacyKey(body), readFlag(isRec, 'isRec')));
    }),
  );

  app.delete<{ Params: Body }>('/api/camera/seq/:seq/gid/:gid', hidden, async (request, reply) => {
    const removed = await succeeds(request, () => legacy.remove(readLegacyKey(request.params)));
    return sendText(reply, removed);
  });

  app.delete<{ Params: { seq: string } }>('/api/camera/seq/:seq', hidden, async (request, reply) => {
    const removed = await succeeds(request, async () => {
      const keys = legacy.keysOf(readSeq(request.params.seq));
      const [only] = keys;
      if (only === undefined || keys.length > 1) throw new HttpError(404, 'Not one camera has that number.');
      await legacy.remove(only);
    });
    return sendText(reply, removed);
  });
}

function devices(app: FastifyInstance, legacy: LegacyPort): void {
  app.put('/api/camera/ptz', hidden, async (request) => {
    const moved = await succeeds(request, async () => {
      const body = bodyOf(request);
      const { direction, seq, port } = body;
      await legacy.move(
        seq === undefined ? null : readLegacyKey(body),
        readDirection(direction),
        readPort(port),
      );
    });
    return { status: moved ? 1 : 0 };
  });

  app.post('/api/camera/info', hidden, async (request) => {
    try {
      const { model, macAddress } = await legacy.info(readDevice(bodyOf(request)));
      return { status: 1, model, MAC_addr: macAddress };
    } catch (thrown) {
      note(request, thrown);
      return { status: 0, model: '', MAC_addr: '' };
    }
  });
}

function playlists(app: FastifyInstance, legacy: LegacyPort): void {
  for (const url of ['/:gid/:seq/hls/index.m3u8', '/:gid/:seq/index.m3u8']) {
    app.get<{ Params: Body }>(url, hidden, async ({ params }, reply) =>
      sendPlaylist(forPages(reply), await legacy.livePlaylist(readLegacyKey(params))),
    );
  }
  app.get<{ Params: Body & { date: string; time: string } }>(
    '/:gid/:seq/:date/:time/index.m3u8',
    hidden,
    async ({ params }, reply) => {
      const { date, time } = params;
      return sendPlaylist(forPages(reply), await legacy.recordedPlaylist(readLegacyKey(params), date, time));
    },
  );
  app.get<{ Params: Body & { date: string } }>(
    '/:gid/:seq/:date/index.m3u8',
    hidden,
    async ({ params }, reply) => {
      const { date } = params;
      return sendPlaylist(forPages(reply), await legacy.recordedPlaylist(readLegacyKey(params), date, null));
    },
  );
}

/** Those pages come from other servers. No credentials are involved, so that any may read. */
function forPages(reply: FastifyReply): FastifyReply {
  return reply.header('access-control-allow-origin', '*');
}

/** @throws HttpError 400 when the body is no JSON object. */
function bodyOf({ body }: FastifyRequest): Body {
  const value = typeof body === 'string' ? parsed(body) : body;
  if (isRecord(value)) return { ...value };
  throw new HttpError(400, 'The body must be a JSON object.');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function orFailure<T>(
  request: FastifyRequest,
  act: () => Promise<T>,
): Promise<T | typeof LEGACY_FAILURE> {
  try {
    return await act();
  } catch (thrown) {
    note(request, thrown);
    return LEGACY_FAILURE;
  }
}

async function succeeds(request: FastifyRequest, act: () => Promise<void>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (thrown) {
    note(request, thrown);
    return false;
  }
}

/** The client is not told why; whoever reads the log is. */
function note(request: FastifyRequest, thrown: unknown): void {
  const { log, method, routeOptions } = request;
  request.outcome = { status: refusalOf(thrown, request).status };
  log.warn(
    { method, route: routeOptions.url, why: messageOf(thrown) },
    'a request of the older API was not done',
  );
}

function sendText(reply: FastifyReply, isSo: boolean): FastifyReply {
  return reply.type('text/plain; charset=utf-8').send(isSo ? '1' : '0');
}
