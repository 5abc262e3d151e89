/** Pipelines of the decoder as data: from coded video to JPEGs or pixels. Pure. */
import { NvrError } from '../domain/errors.ts';
import type { Track } from '../mp4/types.ts';
import type { Plan, Setting } from './plan.ts';

/** Where a pipeline reads and writes; absolute paths. */
export interface PictureFiles {
  readonly input: string;
  readonly output: string;
}

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/**
 * JFIF has the full range of brightness, cameras send that of television: unconverted, blacks are grey. By JFIF the
 * matrix is that of BT.601 (4); that of the FCC (2) differs by less than a step of brightness, and with it GStreamer
 * 1.22 converts at all: where the matrix stays, it takes the range for the same too.
 */
const JPEG_COLOURS = '1:2:0:0';
const QUALITY = 85;
/** Thumbnails, of which sixty are in a sheet. */
const SHEET_QUALITY = 72;
/** A still picture is wanted soon; what is live comes in its time, and more threads would hold frames back. */
const STILL_THREADS = 2;
const LIVE_THREADS = 1;
/** GstVideoFormat of `rawvideoparse`. */
const FORMAT_I420 = 2;
const LIVE_BLOCK_BYTES = 65_536;

/** The first picture that a small MP4 shows, as a JPEG. @param width null for that of the video */
export function planPicture(video: Track, files: PictureFiles, width: number | null): Plan {
  return {
    launch:
      `filesrc name=source ! qtdemux ! ${decoding(video)} ! videoscale ! videoconvert ` +
      '! capsfilter name=size ! jpegenc name=jpeg snapshot=true ! filesink name=sink sync=false async=false',
    settings: [
      ...settingsOf(files, STILL_THREADS),
      caps('size', width === null ? '' : `,width=${width},pixel-aspect-ratio=1/1`),
      { element: 'jpeg', property: 'quality', value: QUALITY },
    ],
  };
}

/** All pictures that a small MP4 shows, as planar pixels one after the other, with borders where the shape differs. */
export function planPixels(video: Track, files: PictureFiles, { width, height }: PictureSize): Plan {
  return {
    launch:
      `filesrc name=source ! qtdemux ! ${decoding(video)} ! videoscale ! videoconvert ` +
      '! capsfilter name=size ! filesink name=sink sync=false async=false',
    settings: [
      ...settingsOf(files, STILL_THREADS),
      caps('size', `,width=${width},height=${height},pixel-aspect-ratio=1/1`),
    ],
  };
}

/** Planar pixels (I420) of one picture as a JPEG. */
export function planSheet(files: PictureFiles, { width, height }: PictureSize): Plan {
  return {
    launch:
      'filesrc name=source ! rawvideoparse name=raw ! jpegenc name=jpeg snapshot=true ' +
      '! filesink name=sink sync=false async=false',
    settings: [
      { element: 'source', property: 'location', value: files.input },
      { element: 'source', property: 'blocksize', value: (width * height * 3) / 2 },
      { element: 'raw', property: 'format', value: FORMAT_I420 },
      { element: 'raw', property: 'width', value: width },
      { element: 'raw', property: 'height', value: height },
      { element: 'jpeg', property: 'quality', value: SHEET_QUALITY },
      { element: 'sink', property: 'location', value: files.output },
    ],
  };
}

/** Fragments from a FIFO, which the element `source` is given, as JPEGs one after the other, at most so many a second. */
export function planLive(video: Track, output: string, width: number, fps: number): Plan {
  return {
    launch:
      `fdsrc name=source ! qtdemux ! ${decoding(video)} ! videorate name=rate drop-only=true ! videoscale ! videoconvert ` +
      '! capsfilter name=size ! jpegenc name=jpeg ! filesink name=sink buffer-mode=unbuffered sync=false async=false',
    settings: [
      { element: 'source', property: 'blocksize', value: LIVE_BLOCK_BYTES },
      { element: 'decoder', property: 'max-threads', value: LIVE_THREADS },
      { element: 'rate', property: 'max-rate', value: fps },
      caps('size', `,width=${width},pixel-aspect-ratio=1/1`),
      { element: 'jpeg', property: 'quality', value: QUALITY },
      { element: 'sink', property: 'location', value: output },
    ],
  };
}

/** From packets to raw pictures, by an element named `decoder`. @throws NvrError `conflict` for a codec that cannot be decoded here */
export function decoding({ codec }: Track): string {
  if (/^avc[13]\./.test(codec)) return 'h264parse ! avdec_h264 name=decoder';
  if (/^h(vc|ev)1\./.test(codec)) return 'h265parse ! avdec_h265 name=decoder';
  throw new NvrError('conflict', `Pictures can’t be made of ${codec} video.`);
}

function settingsOf({ input, output }: PictureFiles, threads: number): Setting[] {
  return [
    { element: 'source', property: 'location', value: input },
    { element: 'decoder', property: 'max-threads', value: threads },
    { element: 'sink', property: 'location', value: output },
  ];
}

function caps(element: string, size: string): Setting {
  return {
    element,
    property: 'caps',
    caps: `video/x-raw,format=I420,colorimetry=${JPEG_COLOURS}${size}`,
  };
}
