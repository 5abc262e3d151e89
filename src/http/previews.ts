/** Thumbnails along the timeline, and one picture of a whole range. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import { cameraId } from '../domain/ids.ts';
import { PREVIEW_STEPS_MS, type PreviewStep } from '../domain/previews.ts';
import { epochMs } from '../domain/time.ts';
import { pictureAnswer, sendPicture } from './answers.ts';
import { matches } from './byteRange.ts';
import type { ContactSheet, PicturePort, PreviewList } from './picturePort.ts';
import { API_PREFIX, archived, exported, watch } from './rules.ts';
import { CameraParams, intervalOf } from './schemas.ts';
import {
  ContactSheetQuery,
  PreviewSheets,
  type PreviewSheetsView,
  PreviewsQuery,
  SheetParams,
} from './wire/picture.ts';

const tags = ['pictures'];
type PreviewPort = Pick<PicturePort, 'previews' | 'sheet' | 'contactSheet'>;

export function previewRoutes(pictures: PreviewPort): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/cameras/:cameraId/previews',
      {
        config: watch,
        schema: {
          tags,
          summary: 'Which sheets of thumbnails there are of a range',
          description:
            'A sheet holds thumbnails of keyframes, at even distances; its address never shows anything else. ' +
            'Without `step`, one is chosen that suits the length of the range.',
          params: CameraParams,
          querystring: PreviewsQuery,
          response: { 200: PreviewSheets },
        },
      },
      async ({ params, query: { from, to, step } }) => {
        const interval = intervalOf({ start: from, end: to });
        const camera = cameraId(params.cameraId);
        return viewOf(
          camera,
          await pictures.previews(camera, interval, step === undefined ? null : stepOf(step)),
        );
      },
    );

    app.get(
      '/cameras/:cameraId/previews/:from-:step-:tag.jpg',
      {
        config: archived,
        schema: { tags, summary: 'A sheet of thumbnails', params: SheetParams, response: pictureAnswer },
      },
      async ({ params: { cameraId: camera, from, step, tag } }, reply) => {
        const request = { startMs: epochMs(from, 'from'), stepMs: stepOf(step), tag };
        return sendPicture(reply, await pictures.sheet(cameraId(camera), request));
      },
    );

    app.get(
      '/cameras/:cameraId/contact-sheet.jpg',
      {
        config: exported,
        schema: {
          tags,
          summary: 'One picture of a range, such as a day',
          description: '48 thumbnails at even distances, each with its time, under the range.',
          params: CameraParams,
          querystring: ContactSheetQuery,
          response: pictureAnswer,
        },
      },
      async ({ params, query: { from, to, width = 1_280 }, headers }, reply) => {
        const interval = intervalOf({ start: from, end: to });
        const sheet = await pictures.contactSheet(cameraId(params.cameraId), interval, width);
        return await sendContactSheet(headers['if-none-match'], reply, sheet);
      },
    );
  };
}

async function sendContactSheet(
  known: string | undefined,
  reply: FastifyReply,
  sheet: ContactSheet,
): Promise<FastifyReply> {
  const etag = `"${sheet.tag}"`;
  reply.header('etag', etag);
  return matches(known, etag) ? reply.code(304).send() : sendPicture(reply, await sheet.read());
}

function viewOf(camera: string, { sheets }: PreviewList): PreviewSheetsView {
  return {
    sheets: sheets.map(({ tag, empty, ...sheet }) => ({
      url: `${API_PREFIX}/cameras/${camera}/previews/${sheet.fromMs}-${sheet.stepMs}-${tag}.jpg`,
      ...sheet,
      empty: [...empty],
    })),
  };
}

/** The schema lets no other number through. */
function stepOf(ms: number): PreviewStep {
  return PREVIEW_STEPS_MS.find((step) => step === ms) ?? 10_000;
}
