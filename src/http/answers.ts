/** Answers that are not JSON: their media types, for the header and for the description of the API. */
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** RFC 8216 §4. */
const PLAYLIST = 'application/vnd.apple.mpegurl';
const MP4 = 'video/mp4';
/** A fragment alone, without its init segment, as Apple's servers call it. */
const FRAGMENT = 'video/iso.segment';
const JPEG = 'image/jpeg';
/** Up to so much is copied into one piece: that takes less time than a stream. */
const COPIED_BYTES = 256 * 1024;

/** Descriptions of answers, for route schemas. */
export const playlistAnswer = textAnswer(PLAYLIST, 'An HLS media playlist');
export const initAnswer = binary(MP4, 'An init segment: ftyp and moov');
export const fragmentAnswer = binary(FRAGMENT, 'Consecutive fragments: moof and mdat');
export const fileAnswer = binary(MP4, 'A whole file');
export const pictureAnswer = binary(JPEG, 'A JPEG');
export const livePicturesAnswer = binary(
  'multipart/x-mixed-replace',
  'JPEGs, each of which replaces the one before',
);
export const exportAnswer = {
  ...fileAnswer,
  206: { ...fileAnswer[200], description: 'The bytes of `Content-Range`' },
};

/** Bytes of one of several media types, whole or in a range, for route schemas. */
export function filesAnswer(mediaTypes: readonly string[], description: string) {
  const schema = { type: 'string', format: 'binary' };
  const content = Object.fromEntries(mediaTypes.map((mediaType) => [mediaType, { schema }]));
  return { 200: { description, content }, 206: { description: 'The bytes of `Content-Range`', content } };
}

/** Sends the text of a playlist. */
export function sendPlaylist(reply: FastifyReply, text: string): FastifyReply {
  return reply.type(PLAYLIST).send(text);
}

export function sendInit(reply: FastifyReply, bytes: Buffer): FastifyReply {
  return reply.type(MP4).send(bytes);
}

/** Sends buffers one after the other. */
export function sendFragments(reply: FastifyReply, chunks: readonly Buffer[]): FastifyReply {
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  reply.type(FRAGMENT);
  if (bytes <= COPIED_BYTES) return reply.send(Buffer.concat(chunks, bytes));
  return reply.header('content-length', bytes).send(Readable.from(chunks, { objectMode: false }));
}

/** Sends some bytes of a file, or, when there is no body, only their number. */
export function sendRange(reply: FastifyReply, bytes: number, body: Readable | null): FastifyReply {
  return reply.type(MP4).header('content-length', bytes).send(body);
}

export function sendPicture(reply: FastifyReply, jpeg: Buffer): FastifyReply {
  return reply.type(JPEG).send(jpeg);
}

/** An answer of text, for route schemas. */
export function textAnswer(mediaType: string, description: string) {
  return answer(mediaType, description, { type: 'string' });
}

/** An answer of JSON that is sent as text, for route schemas. */
export function jsonAnswer(description: string) {
  return answer('application/json', description, { type: 'object' });
}

function binary(mediaType: string, description: string) {
  return answer(mediaType, description, { type: 'string', format: 'binary' });
}

function answer(mediaType: string, description: string, schema: object) {
  return { 200: { description, content: { [mediaType]: { schema } } } };
}
