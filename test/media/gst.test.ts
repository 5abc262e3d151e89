import { afterEach, describe, expect, it } from 'vitest';
import type { BusMessage } from '../../src/media/busMessage.ts';
import { REQUIRED_ELEMENTS } from '../../src/media/elements.ts';
import { gstVersion, hasElement, startGst } from '../../src/media/gst.ts';
import { Pipeline } from '../../src/media/pipeline.ts';

startGst(REQUIRED_ELEMENTS);

const open: Pipeline[] = [];
function pipeline(launch: string, messages: BusMessage[] = []): Pipeline {
  const made = new Pipeline(launch, (message) => messages.push(message));
  open.push(made);
  return made;
}

async function until<T>(look: () => T | undefined, limitMs = 5_000): Promise<T> {
  const started = performance.now();
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (performance.now() - started > limitMs) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

afterEach(() => {
  for (const made of open.splice(0)) made.close();
});

describe('the door to GStreamer', () => {
  it('names the package of a missing element', () => {
    expect(() => startGst(['nosuchelement', 'x264enc'])).toThrow(
      expect.objectContaining({ kind: 'unavailable', message: expect.stringContaining('nosuchelement') }),
    );
    expect(() => pipeline('nosuchelement ! fakesink')).toThrow(
      expect.objectContaining({ kind: 'unavailable' }),
    );
    expect(hasElement('queue')).toBe(true);
    expect(gstVersion()).toMatch(/^1\.\d+\.\d+$/);
  });

  it('refuses launch text that does not parse', () => {
    expect(() => pipeline('fakesrc !! fakesink')).toThrow(expect.objectContaining({ kind: 'internal' }));
  });

  it.each([
    ['user-pw', 'p@#%:/ "x한글'],
    ['user-pw', '"quoted"'],
    ['location', 'rtsp://host/a b!\'"'],
    ['latency', 200],
    ['tcp-timeout', 20_000_000],
    ['do-rtcp', false],
    ['protocols', 4],
  ])('sets %s to %s exactly', (property, value) => {
    expect(() => pipeline('rtspsrc name=s ! fakesink').set('s', property, value)).not.toThrow();
  });

  it.each([
    ['nope', 1],
    ['latency', 'abc'],
    ['latency', -1],
    ['latency', 2 ** 40],
    ['protocols', 'tcp'],
    ['do-rtcp', 'x'],
  ])('refuses to set %s to %s', (property, value) => {
    const made = pipeline('rtspsrc name=s ! fakesink');
    expect(() => made.set('s', property, value)).toThrow(expect.objectContaining({ kind: 'internal' }));
  });

  it('refuses unknown elements, pads and bad caps', () => {
    const made = pipeline('fakesrc name=s ! capsfilter name=c ! fakesink');
    expect(() => made.set('zzz', 'silent', true)).toThrow(/no element zzz/);
    expect(() => made.setPad('s', 'video_0', 'offset', 1n)).toThrow(/no pad video_0/);
    expect(() => made.setCaps('c', 'caps', 'not/caps,=')).toThrow(/Not caps/);
  });

  it('reads pads of plug-in types whatever was wrapped before them', async () => {
    pipeline('videotestsrc ! x264enc ! queue ! mux.video_0 mp4mux name=mux ! fakesink').setPad(
      'mux',
      'video_0',
      'trak-timescale',
      90_000,
    );
    const made = pipeline(
      'videotestsrc num-buffers=1 ! x264enc ! mp4mux ! qtdemux name=d d. ! queue ! fakesink',
    );
    made.play();
    const caps = await until(() => made.sourceCaps('d').find((text) => text !== ''));
    expect(caps).toMatch(/^video\/x-h264/);
  });

  it('delivers caps, the first buffer and the end as plain data', async () => {
    const messages: BusMessage[] = [];
    const made = pipeline(
      'videotestsrc num-buffers=3 timestamp-offset=1500000000 ! video/x-raw,width=64,height=48,framerate=25/1 ! identity name=i silent=false ! fakesink',
      messages,
    );
    made.watchFirstBuffer('i');
    made.play();
    await until(() => messages.find((message) => message.type === 'eos'));
    expect(messages.find((message) => message.type === 'caps')).toMatchObject({
      element: 'i',
      caps: expect.stringContaining('width=(int)64'),
    });
    expect(messages.filter((message) => message.type === 'first-buffer')).toEqual([
      { type: 'first-buffer', element: 'i', ptsMs: 1500 },
    ]);
  });

  it('delivers errors with their domain and code', async () => {
    const messages: BusMessage[] = [];
    const made = pipeline('filesrc name=s ! fakesink', messages);
    made.set('s', 'location', '/nonexistent/file');
    expect(() => made.play()).toThrow(expect.objectContaining({ kind: 'unavailable' }));
    const error = await until(() => messages.find((message) => message.type === 'error'));
    expect(error).toMatchObject({ element: 's', domain: 'gst-resource-error-quark', code: 3 });
  });

  it('says nothing any more once closed', async () => {
    const messages: BusMessage[] = [];
    const made = pipeline('videotestsrc num-buffers=1 ! fakesink', messages);
    made.play();
    made.close();
    made.close();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(messages).toEqual([]);
  });
});
