/** The text format of Prometheus, read back by a parser of its grammar. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expositionOf } from '../../src/http/metrics.ts';
import type { MetricFamily } from '../../src/http/ports.ts';

const SAMPLE = /^([a-z_][a-z0-9_]*)(?:\{(.*)\})? (\S+)$/s;
const LABEL = /([a-z_][a-z0-9_]*)="((?:[^"\\\n]|\\.)*)"(?:,|$)/gs;
const ESCAPES: Readonly<Record<string, string>> = { '\\n': '\n', '\\\\': '\\', '\\"': '"' };

function unescaped(text: string): string {
  return text.replace(/\\./gs, (escaped) => ESCAPES[escaped] ?? expect.unreachable());
}

function numberOf(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  return text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text);
}

/** Families as they were written, from the text. */
function parsed(text: string): unknown[] {
  const families: { name: string; help: string; type: string; samples: object[] }[] = [];
  for (const line of text.split('\n').slice(0, -1)) {
    const [hash, keyword, name = '', ...rest] = line.split(' ');
    if (hash === '#' && keyword === 'HELP') {
      families.push({ name, help: unescaped(rest.join(' ')), type: '', samples: [] });
      continue;
    }
    const family = families.at(-1) ?? expect.unreachable();
    if (hash === '#' && keyword === 'TYPE') {
      family.type = rest.join(' ');
      continue;
    }
    const [, sampleOf, labels = '', value = ''] = SAMPLE.exec(line) ?? expect.unreachable();
    expect(sampleOf).toBe(family.name);
    const pairs = [...labels.matchAll(LABEL)].map(([, label = '', text = '']) => [label, unescaped(text)]);
    family.samples.push({ labels: Object.fromEntries(pairs), value: numberOf(value) });
  }
  return families;
}

describe('the exposition', () => {
  it('gives back every family, label and number', () => {
    const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,10}$/);
    const text = fc.string({ unit: fc.constantFrom('a', ' ', '"', '\\', '\n', '{', '}', ',', '=', '카') });
    const sample = fc.record({
      labels: fc.dictionary(name, text, { noNullPrototype: true }),
      value: fc.double(),
    });
    const family: fc.Arbitrary<MetricFamily> = fc.record({
      name,
      help: text,
      type: fc.constantFrom('counter', 'gauge'),
      samples: fc.array(sample),
    });
    fc.assert(
      fc.property(fc.array(family), (families) => {
        const text = expositionOf(families);
        expect(text === '' || text.endsWith('\n')).toBe(true);
        const plain = families.map(({ samples, ...rest }) => ({
          ...rest,
          samples: samples.map(({ labels, value }) => ({ labels: { ...labels }, value: value + 0 })),
        }));
        expect(parsed(text)).toEqual(plain);
      }),
    );
  });

  it.each(['', 'a-b', 'A', '1a', 'a b', 'a\n'])('takes no name like %j', (name) => {
    const family = { help: '', type: 'gauge', samples: [{ labels: { [name]: '' }, value: 1 }] } as const;
    expect(() => expositionOf([{ ...family, name }])).toThrow(TypeError);
    expect(() => expositionOf([{ ...family, name: 'a' }])).toThrow(TypeError);
  });
});
