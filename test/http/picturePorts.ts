/** Pictures that are not decoded, for the server's tests. */
import type { PreviewStep } from '../../src/domain/previews.ts';
import { epochMs } from '../../src/domain/time.ts';
import type { PicturePort, PreviewList, Snapshot } from '../../src/http/picturePort.ts';

type Noted = <Args extends unknown[], Answer>(
  name: string,
  answer: Answer,
) => (...args: Args) => Promise<Answer>;

export const PICTURE_MS = epochMs(1_774_738_799_960);

export const SNAPSHOT: Snapshot = {
  tag: 'picture-1',
  atMs: PICTURE_MS,
  final: true,
  read: async () => Buffer.from('a jpeg'),
};

export const SHEET_TAG = '0123456789abcdef';

const STEP_MS: PreviewStep = 10_000;
const SHEET = {
  ...{ tag: SHEET_TAG, fromMs: PICTURE_MS, toMs: epochMs(PICTURE_MS + 300_000), stepMs: STEP_MS },
  ...{ columns: 6, rows: 5, tileWidth: 160, tileHeight: 90, empty: [29] },
};
export const PREVIEWS: PreviewList = { sheets: [SHEET] };

export function picturePorts(noted: Noted): PicturePort {
  const watch = noted('watchPictures', () => {});
  return {
    previews: noted('previews', PREVIEWS),
    sheet: noted('sheet', Buffer.from('a sheet')),
    contactSheet: noted('contactSheet', {
      tag: 'contact-1',
      read: async () => Buffer.from('a contact sheet'),
    }),
    snapshot: noted('snapshot', SNAPSHOT),
    watch: async (camera, size, user, viewer) => {
      const leave = await watch(camera, size, user);
      viewer.show(Buffer.from('a jpeg'));
      viewer.end();
      return leave;
    },
  };
}
