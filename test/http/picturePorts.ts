/** Pictures that are not decoded, for the server's tests. */
import { epochMs } from '../../src/domain/time.ts';
import type { PicturePort, Snapshot } from '../../src/http/picturePort.ts';

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

export function picturePorts(noted: Noted): PicturePort {
  const watch = noted('watchPictures', () => {});
  return {
    snapshot: noted('snapshot', SNAPSHOT),
    watch: async (camera, size, user, viewer) => {
      const leave = await watch(camera, size, user);
      viewer.show(Buffer.from('a jpeg'));
      viewer.end();
      return leave;
    },
  };
}
