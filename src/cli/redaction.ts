/** What no log line may hold: the last line of defence, for texts that come from libraries and devices. */
import type { LoggerOptions } from 'pino';
import { stdSerializers } from 'pino';
import { redact } from '../domain/address.ts';

const SECRET_NAME = /^(?:password|passphrase|secret|token|authorization|cookie|set-cookie|code)$/i;
const DEEPEST = 6;

/** For pino: strings lose the credentials of addresses in them, and fields that are named as secrets their values. */
export const redaction: Pick<LoggerOptions, 'formatters' | 'serializers' | 'hooks'> = {
  formatters: {
    log: (facts) => Object.fromEntries(Object.entries(facts).map(([k, v]) => [k, cleaned(k, v, 1)])),
  },
  serializers: { err: (error: Error) => cleaned('err', { ...stdSerializers.err(error) }, 1) },
  hooks: {
    logMethod(args, method) {
      const [first, message, ...rest] = args;
      const clean = (text: unknown) => (typeof text === 'string' ? redact(text) : text);
      Reflect.apply(method, this, [clean(first), clean(message), ...rest]);
    },
  },
};

function cleaned(name: string, value: unknown, depth: number): unknown {
  if (SECRET_NAME.test(name) && value !== null && value !== undefined) return '***';
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null || value instanceof Error || depth > DEEPEST) return value;
  if (Array.isArray(value)) return value.map((each) => cleaned('', each, depth + 1));
  const plain = Object.getPrototypeOf(value) === Object.prototype;
  return plain
    ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, cleaned(k, v, depth + 1)]))
    : value;
}
