/** What there is of several cameras: over a stretch of time in cells, and over the days of a month. */
import { createHash } from 'node:crypto';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { NvrError } from '../domain/errors.ts';
import { type CameraId, cameraId } from '../domain/ids.ts';
import { DAY_MS, epochMs, type Interval } from '../domain/time.ts';
import type { TimelinePort } from './finding.ts';
import { exported } from './rules.ts';
import { timelineText } from './timelineText.ts';
import { strict } from './wire/shapes.ts';
import { CalendarView, TimelineView } from './wire/timeline.ts';

const tags = ['archive'];
/** A wide screen has fewer dots. */
const MOST_CELLS = 4_000;
const MOST_CAMERAS = 256;

const Cameras = Type.Optional(
  Type.String({
    maxLength: MOST_CAMERAS * 65,
    description: 'Ids of cameras, separated by commas; all cameras when absent',
    examples: ['front-door,yard'],
  }),
);
const Moment = Type.Integer({
  minimum: 0,
  maximum: 253_402_300_799_999,
  description: 'UTC epoch milliseconds',
  examples: [1_774_738_800_000],
});
const TimelineQuery = strict(
  {
    cameras: Cameras,
    from: Moment,
    to: Moment,
    resolution: Type.Integer({
      minimum: 1_000,
      maximum: 400 * DAY_MS,
      description: 'Length of a cell in ms; at most 4000 cells can be asked for',
      examples: [60_000],
    }),
  },
  'What is asked for',
);
const CalendarQuery = strict(
  {
    cameras: Cameras,
    month: Type.String({ pattern: '^\\d{4}-(0[1-9]|1[0-2])$', examples: ['2026-03'] }),
  },
  'What is asked for',
);

export function timelineRoutes(timeline: TimelinePort): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/timeline',
      {
        config: { ...exported, reach: 'own' },
        schema: {
          tags,
          summary: 'Recordings, gaps, events and activity of cameras, in cells',
          description:
            'The cells begin at whole multiples of `resolution` since 1970 and hold the interval from `from` to `to`. ' +
            'Up to two minutes of resolution, intervals and events are exact (intervals that miss each other by less ' +
            'than a cell are joined); beyond, they are rounded to cells.',
          querystring: TimelineQuery,
          response: { 200: TimelineView },
        },
      },
      async (request, reply) => {
        const { cameras, from, to, resolution } = request.query;
        const interval = boundedInterval({ start: from, end: to }, resolution);
        return sendUnlessKnown(
          request,
          reply,
          timelineText(await timeline.timeline(camerasOf(request, cameras), interval, resolution)),
        );
      },
    );

    app.get(
      '/calendar',
      {
        config: { ...exported, reach: 'own' },
        schema: {
          tags,
          summary: 'The days of a month: how much of each is recorded and missing, and how much happened',
          querystring: CalendarQuery,
          response: { 200: CalendarView },
        },
      },
      async (request, reply) => {
        const { cameras, month } = request.query;
        const calendar = await timeline.calendar(camerasOf(request, cameras), month);
        return sendUnlessKnown(request, reply, Buffer.from(JSON.stringify(calendar)));
      },
    );
  };
}

function boundedInterval(
  bounds: { readonly start: number; readonly end: number },
  resolution: number,
): Interval {
  if (bounds.start >= bounds.end)
    throw new NvrError('invalid', 'The start must be before the end.', { field: 'to' });
  if ((bounds.end - bounds.start) / resolution > MOST_CELLS) {
    throw new NvrError('invalid', `At most ${MOST_CELLS} cells can be asked for.`, { field: 'resolution' });
  }
  return { startMs: epochMs(bounds.start, 'from'), endMs: epochMs(bounds.end, 'to') };
}

/** Null is all there are. @throws NvrError `not-found` for a camera that whoever asks may not use */
function camerasOf(request: FastifyRequest, cameras: string | undefined): CameraId[] | null {
  if (cameras === undefined) {
    const visible = request.visibleCameras();
    return visible === 'all' ? null : [...visible];
  }
  const ids = [...new Set(cameras.split(','))];
  if (ids.length > MOST_CAMERAS) {
    throw new NvrError('invalid', `At most ${MOST_CAMERAS} cameras can be asked for.`, { field: 'cameras' });
  }
  for (const id of ids) request.expectCamera(id);
  return ids.map((id) => cameraId(id, 'cameras'));
}

/** Answers 304 (RFC 9110 §13.1.2) when the client has the same already. */
function sendUnlessKnown(request: FastifyRequest, reply: FastifyReply, text: Buffer): FastifyReply {
  const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
  reply.header('etag', etag);
  const known = request.headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (known?.some((tag) => tag === etag || tag === '*') === true) return reply.code(304).send();
  return reply.type('application/json; charset=utf-8').send(text);
}
