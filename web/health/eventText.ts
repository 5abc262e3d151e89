/** What an event says, in the user's language where its facts are known; else the recorder's own sentence. Pure but for the words. */
import type { EventView } from '../core/events.ts';
import { numberText } from '../core/format.ts';
import { causeText } from '../words/index.ts';
import { more } from '../words/more/index.ts';
import { saidText } from '../words/said/index.ts';

export function eventText({ kind, text, data }: EventView): string {
  const { said } = more.value.events;
  const facts = new Map<string, unknown>(Object.entries(data));
  const fact = (name: string) => String(facts.get(name) ?? '');
  switch (kind) {
    case 'recording-started':
      return said.began[fact('reason')] ?? saidText(text);
    case 'recording-stopped':
      return said.ended[fact('reason')] ?? saidText(text);
    case 'gap-begun':
      return causeText(fact('cause'), text);
    case 'gap-ended':
      return `${said.missing(numberText(Number(facts.get('seconds') ?? 0), 1))} ${causeText(fact('cause'), text)}`;
    case 'camera-online':
      return said.online;
    case 'camera-offline':
      return facts.get('cause') === null ? said.switchedOff : causeText(fact('cause'), text);
    case 'login':
      return facts.get('good') === true ? said.loggedIn(fact('user')) : said.notLoggedIn(fact('address'));
    case 'activity':
      return said.moved;
    case 'configuration':
      return changeText(text, fact('user'));
    case 'mark':
      return text;
    default:
      return saidText(text);
  }
}

/** `user: what was done.` */
function changeText(text: string, user: string): string {
  const lead = `${user}: `;
  if (!text.startsWith(lead)) return saidText(text);
  return lead + saidText(text.slice(lead.length).replace(/\.$/, ''));
}
