/** Pictures for comparison: what ffmpeg decodes of a clip, and which of its frames a JPEG is. */
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { DecoderHost } from '../../src/media/decoderHost.ts';
import { builtProgram } from './product.ts';

/** The decoder's process from the sources as they are. */
export async function decoderHost(idleMs = 60_000): Promise<DecoderHost> {
  const program = join(dirname(await builtProgram()), 'media', 'decoderProcess.js');
  return new DecoderHost({ program, idleMs });
}

/** All frames of a file or a JPEG in the order of their presentation, as the brightness of JPEGs. */
export function greyFrames(media: Buffer, width: number, height: number): Buffer[] {
  const scale = `scale=${width}:${height}:flags=area:out_range=pc:out_color_matrix=bt601,format=yuvj420p`;
  const out = execFileSync(
    'ffmpeg',
    ['-v', 'error', '-i', 'pipe:0', '-vf', scale, '-fps_mode', 'passthrough', '-f', 'rawvideo', 'pipe:1'],
    { input: media, maxBuffer: 2 ** 28, timeout: 30_000 },
  );
  const size = width * height * 1.5;
  return Array.from({ length: out.length / size }, (_, index) =>
    out.subarray(index * size, index * size + width * height),
  );
}

/** Mean difference of two pictures' pixels, 0–255. */
export function difference(a: Buffer, b: Buffer): number {
  if (a.length !== b.length) throw new Error('the pictures are of other sizes');
  return a.reduce((sum, value, at) => sum + Math.abs(value - (b[at] ?? 0)), 0) / a.length;
}

/** Which of the frames a JPEG is most like, and how much it differs from that. */
export function closest(jpeg: Buffer, frames: readonly Buffer[], width: number, height: number) {
  const [picture] = greyFrames(jpeg, width, height);
  if (picture === undefined) throw new Error('this is no picture');
  const differences = frames.map((candidate) => difference(picture, candidate));
  const least = Math.min(...differences);
  return { frame: differences.indexOf(least), difference: least };
}

/** Width and height in the frame header of a JPEG (ITU-T T.81 §B.2.2). */
export function jpegSize(jpeg: Buffer): { readonly width: number; readonly height: number } {
  for (let at = 2; at + 9 < jpeg.length; at += 2 + jpeg.readUInt16BE(at + 2)) {
    const marker = jpeg.readUInt16BE(at);
    if (marker >= 0xffc0 && marker <= 0xffc2)
      return { height: jpeg.readUInt16BE(at + 5), width: jpeg.readUInt16BE(at + 7) };
  }
  throw new Error('this JPEG has no frame header');
}
