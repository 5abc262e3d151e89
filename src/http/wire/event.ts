/** Events and alarms on the wire. */
import { type Static, Type } from 'typebox';
import { EVENT_KINDS, type EventKind, LONGEST_TEXT } from '../../domain/event.ts';
import { CameraIdText } from './camera.ts';
import { list, nullable, strict, Time } from './shapes.ts';

const KINDS = Object.keys(EVENT_KINDS).filter((kind): kind is EventKind => Object.hasOwn(EVENT_KINDS, kind));

export const EventKindText = Type.Enum(KINDS, {
  description: Object.entries(EVENT_KINDS)
    .map(([kind, sentence]) => `\`${kind}\`: ${sentence}`)
    .join(' '),
  examples: ['gap-begun'],
});

export const EventNumber = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const Note = Type.String({
  minLength: 1,
  maxLength: LONGEST_TEXT,
  pattern: '\\S',
  description: 'For people; not blank',
  examples: ['A parcel was left at the door.'],
});
const Moment = Type.Integer({
  minimum: 0,
  maximum: 253_402_300_799_999,
  description: 'UTC epoch milliseconds',
  examples: [1_774_738_800_000],
});

export const EventView = strict(
  {
    id: Type.Integer({ minimum: 1, description: 'Greater than that of every event before' }),
    atMs: Time,
    endMs: Type.Optional(Type.Integer({ minimum: 0, description: 'Of an interval' })),
    kind: EventKindText,
    cameraId: Type.Optional(Type.String({ description: 'Absent when it is of no single camera' })),
    text: Type.String({ description: 'A sentence for people' }),
    data: Type.Record(
      Type.String(),
      Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]),
      { description: 'The same for programs; the keys depend on the kind' },
    ),
  },
  'What happened',
);
export type EventView = Static<typeof EventView>;

export const EventPage = strict(
  {
    events: list(EventView),
    next: nullable(Type.String({ description: 'For `cursor`; null on the last page' })),
  },
  'Events, newest first',
);

export const EventList = strict({ events: list(EventView) }, 'Events');

/** Ids or words with commas between. */
function commaList(item: string, of: string, example: string) {
  return Type.Optional(
    Type.String({ pattern: `^${item}(?:,${item}){0,255}$`, description: of, examples: [example] }),
  );
}

const scope = {
  cameras: commaList('[a-z0-9][a-z0-9-]{0,63}', 'Only events of these cameras', 'front-door,yard'),
  kinds: commaList('[a-z-]{1,32}', 'Only events of these kinds', 'camera-offline,gap-begun'),
};

export const EventParams = strict({ eventId: EventNumber }, 'An event');

export const EventQuery = strict(
  {
    ...scope,
    from: Type.Optional(Moment),
    to: Type.Optional(Moment),
    text: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'Part of the sentence',
        examples: ['parcel'],
      }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: 100 })),
    cursor: Type.Optional(
      Type.String({ pattern: '^\\d{1,15}-\\d{1,15}$', description: '`next` of the answer before' }),
    ),
  },
  'Which events; from and to are UTC epoch milliseconds',
);

export const LiveEventQuery = strict(
  {
    ...scope,
    after: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        description: 'Id of the last event that was heard: what came since is sent first',
      }),
    ),
  },
  'Which events, and since when',
);

/** Body of `POST /events`. */
export const MarkInput = strict(
  {
    text: Note,
    cameras: Type.Optional(
      Type.Array(CameraIdText, {
        maxItems: 256,
        uniqueItems: true,
        description: 'One mark is made for each; absent or empty, one of no camera',
      }),
    ),
    atMs: Type.Optional(Moment),
    endMs: Type.Optional(Moment),
  },
  'A mark by hand: of now, or of a moment or an interval that is named',
);
export type MarkInput = Static<typeof MarkInput>;

/** Body of `PATCH /events/:eventId`. */
export const MarkPatch = Type.Object(
  { text: Type.Optional(Note), atMs: Type.Optional(Moment), endMs: Type.Optional(nullable(Moment)) },
  {
    additionalProperties: false,
    minProperties: 1,
    description: 'Changes of a mark; a null end makes it a moment',
  },
);
export type MarkPatch = Static<typeof MarkPatch>;
