import { describe, expect, it } from 'vitest';
import { startGst } from '../../src/media/gst.ts';
import { Pipeline } from '../../src/media/pipeline.ts';

startGst([]);

// Alone in its file, because it is about what is wrapped first in a process.
describe('classes of node-gtk', () => {
  it('have their methods whatever is wrapped first', async () => {
    const muxer = new Pipeline(
      'fakesrc ! fakesink videotestsrc ! x264enc ! mux.video_0 mp4mux name=mux ! fakesink',
      () => {},
    );
    muxer.setPad('mux', 'video_0', 'trak-timescale', 90_000);
    const made = new Pipeline(
      'videotestsrc is-live=true ! x264enc ! parsebin name=p p. ! fakesink',
      () => {},
    );
    made.play();
    let caps = '';
    for (let i = 0; i < 200 && caps === ''; i++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      caps = made.sourceCaps('p').join();
    }
    made.close();
    muxer.close();
    expect(caps).toMatch(/^video\/x-h264/);
  });
});
