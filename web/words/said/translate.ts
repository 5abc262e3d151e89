/** Turns sentences into those of a dictionary. Pure. */

export type Sentences = Readonly<Record<string, string>>;

interface Pattern {
  readonly reads: RegExp;
  readonly says: string;
}

const HOLE = /\\?\{(\d)\\?\}/g;
const patterns = new WeakMap<Sentences, readonly Pattern[]>();

/**
 * One sentence or several, of which at least one has its translation; null when none has.
 * @param sentences with `{0}`, `{1}`, … for what differs; what stands there is translated as well, if it can be
 */
export function translated(text: string, sentences: Sentences): string | null {
  const whole = one(text, sentences);
  if (whole !== null) return whole;
  const parts = text.split(/(?<=[.!?]) +/);
  if (parts.length === 1) return null;
  const said = parts.map((part) => one(part, sentences));
  if (said.every((part) => part === null)) return null;
  return said.map((part, index) => part ?? parts[index]).join(' ');
}

function one(text: string, sentences: Sentences): string | null {
  const same = sentences[text];
  if (same !== undefined) return same;
  for (const { reads, says } of patternsOf(sentences)) {
    const found = reads.exec(text);
    if (!found) continue;
    return says.replace(HOLE, (_, hole: string) => {
      const part = found[Number(hole) + 1] ?? '';
      return translated(part, sentences) ?? part;
    });
  }
  return null;
}

/** Those that say most come first: `{0} is out of use.` fits more than what it means. */
function patternsOf(sentences: Sentences): readonly Pattern[] {
  const known = patterns.get(sentences);
  if (known) return known;
  const made = Object.entries(sentences)
    .filter(([text]) => text.includes('{0}'))
    .sort(([a], [b]) => b.length - a.length)
    .map(([text, says]) => ({ reads: patternOf(text), says }));
  patterns.set(sentences, made);
  return made;
}

function patternOf(text: string): RegExp {
  const literal = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replace(HOLE, '(.+?)')}$`, 's');
}
