/** How a camera is doing, on the wire: what its source offers, whether media arrives, whether it is recorded. */
import { type Static, Type } from 'typebox';
import { Count, nullable, strict, Time } from './shapes.ts';

export const VideoFormat = strict(
  {
    codec: Type.Enum(['h264', 'h265']),
    width: Count,
    height: Count,
    fps: Type.Number({
      minimum: 0,
      description: 'Nominal frames per second; 0 when the stream does not say',
    }),
  },
  'Video of a stream',
);

export const AudioFormat = strict(
  {
    codec: Type.Enum(['aac', 'opus', 'mp3', 'ac3', 'pcma', 'pcmu', 'g722', 'g726', 'l16', 'other']),
    sampleRate: Count,
    channels: Count,
  },
  'Sound of a stream as it arrives',
);

/** What a source offers; answer of `POST /probe`. */
export const StreamFormat = strict(
  { video: VideoFormat, audio: nullable(AudioFormat) },
  'What a source offers',
);
export type StreamFormat = Static<typeof StreamFormat>;

/** Why no media comes. */
const SOURCE_CAUSES = [
  'unreachable',
  'unauthorised',
  'not-found',
  'no-media',
  'unsupported-codec',
  'format-changed',
  'stalled',
  'ended',
  'timed-out',
  'busy',
  'not-permitted',
  'no-signal',
  'encoder',
  'internal',
] as const;
export const SourceCause = Type.Enum([...SOURCE_CAUSES], { description: 'Why no media comes' });
export const GapCause = Type.Enum(
  [...SOURCE_CAUSES, 'storage', 'overrun', 'space', 'connecting', 'starting', 'shutdown', 'recorder-down'],
  { description: 'Why recording was wanted and no media became durable' },
);
export type GapCause = Static<typeof GapCause>;
export const RecordingReason = Type.Enum(['continuous', 'manual', 'schedule'], {
  description: 'Why it is recorded',
});
export const EndReason = Type.Enum(
  [
    'stopped',
    'mode-changed',
    'schedule',
    'disabled',
    'deleted',
    'source-lost',
    'new-run',
    'storage-failed',
    'shutdown',
    'crash',
  ],
  { description: 'Why a recording ended' },
);

export const SourceStatus = strict(
  {
    state: Type.Enum(['off', 'connecting', 'live', 'stalled', 'backoff']),
    sinceMs: Time,
    attempt: Type.Integer({ minimum: 0, description: 'Attempts that failed since it was last settled' }),
    cause: nullable(SourceCause),
    message: nullable(Type.String({ description: 'Why it is not live, as a sentence' })),
    retryMs: nullable(
      Type.Integer({ minimum: 0, description: 'In backoff: milliseconds from sinceMs to the next attempt' }),
    ),
  },
  'How the connection to the source is doing',
);

export const RecordingStatus = strict(
  {
    state: Type.Enum(['idle', 'waiting', 'recording']),
    wanted: Type.Boolean(),
    reason: nullable(RecordingReason),
    cause: nullable(GapCause),
    sinceMs: Time,
  },
  'Whether it records, and why not when it should',
);

export const CameraStatus = strict(
  {
    source: SourceStatus,
    recording: RecordingStatus,
    format: nullable(StreamFormat),
    codecs: nullable(
      Type.String({ description: 'RFC 6381 list for MediaSource', examples: ['avc1.64001f'] }),
    ),
    runId: nullable(Type.String()),
    lastFragmentMs: nullable(Time),
    lastDurableMs: nullable(Time),
    viewers: Type.Optional(
      Type.Integer({ minimum: 0, description: 'How many watch it live; where a camera is looked at' }),
    ),
    silent: Type.Optional(
      nullable(
        strict(
          { cause: SourceCause, message: Type.String() },
          'Why a device is recorded without the sound that its source names',
        ),
      ),
    ),
    driftPpm: nullable(
      Type.Integer({
        description:
          'How much faster the camera’s clock runs than the recorder’s, in parts of a million; known after some minutes',
      }),
    ),
  },
  'Live state of a camera',
);
export type CameraStatus = Static<typeof CameraStatus>;
