/** The flags that a command was called with. */
import { parseArgs } from 'node:util';
import { messageOf, NvrError } from '../domain/errors.ts';
import { wrong } from './usage.ts';

/** Which flags a command knows. */
export interface KnownFlags<Text extends string, Switch extends string> {
  /** With a value. */
  readonly texts: readonly Text[];
  /** Without one; `help` is known to all. */
  readonly switches: readonly Switch[];
  /** What those of `texts` mean that may stand without a value. */
  readonly alone?: Readonly<Partial<Record<Text, string>>>;
}

export class Given<Text extends string, Switch extends string> {
  readonly #command: string;
  readonly #values: Readonly<Record<string, unknown>>;

  /** @param command as it is called @throws NvrError `invalid` for a flag that is not known */
  constructor(command: string, argv: readonly string[], known: KnownFlags<Text, Switch>) {
    this.#command = command;
    const alone = new Map(Object.entries<string | undefined>(known.alone ?? {}));
    const args = argv.flatMap((arg, i) => {
      const value = alone.get(arg.slice(2));
      const next = argv[i + 1];
      return value !== undefined && (next === undefined || next.startsWith('--')) ? [arg, value] : [arg];
    });
    const options = Object.fromEntries([
      ...known.texts.map((name) => [name, { type: 'string' as const }] as const),
      ...['help', ...known.switches].map((name) => [name, { type: 'boolean' as const }] as const),
    ]);
    try {
      this.#values = parseArgs({ args, options }).values;
    } catch (cause) {
      throw new NvrError('invalid', `${messageOf(cause)} See nightjar ${command} --help.`, { cause });
    }
  }

  text(name: Text): string | undefined {
    const value = this.#values[name];
    return typeof value === 'string' ? value : undefined;
  }

  has(name: Switch | 'help'): boolean {
    return this.#values[name] === true;
  }

  /** Undefined when absent. @throws NvrError `invalid` naming the flag for anything but a number within the limits */
  number(name: Text, least: number, most: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const number = Number(text);
    if (text.trim() !== '' && number >= least && number <= most) return number;
    throw this.wrong(name, `a number from ${least} to ${most}`);
  }

  /** @param what the flag takes */
  wrong(name: Text, what: string): NvrError {
    return wrong(this.#command, name, what);
  }
}
