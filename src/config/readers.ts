/** What values of settings are: text of flags and of the environment, or JSON of the file, to what the program takes. */
import { isIP, isIPv4 } from 'node:net';
import { resolve } from 'node:path';
import { NvrError } from '../domain/errors.ts';

/** Gives the value, or throws NvrError `invalid` with what is needed instead. */
export type Reader<T> = (value: unknown) => T;

/** Ports from the first to the last, both included. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

export function integer(least: number, most: number): Reader<number> {
  return (value) => {
    const number = typeof value === 'string' && /^\d+$/.test(value.trim()) ? Number(value) : value;
    if (typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most)
      return number;
    throw new NvrError('invalid', `a whole number from ${least} to ${most} is needed.`);
  };
}

export function text(pattern: RegExp, what: string): Reader<string> {
  return (value) => {
    if (typeof value === 'string' && pattern.test(value)) return value;
    throw new NvrError('invalid', `${what} is needed.`);
  };
}

export function choice<const T extends string>(choices: readonly T[]): Reader<T> {
  return (value) => {
    const found = choices.find((option) => option === value);
    if (found !== undefined) return found;
    throw new NvrError('invalid', `one of ${choices.join(', ')} is needed.`);
  };
}

export function path(value: unknown): string {
  return resolve(text(/^[^\0]+$/, 'a path')(value));
}

export function paths(value: unknown): string[] {
  const list: unknown = typeof value === 'string' ? parseJson(value) : value;
  if (!Array.isArray(list)) throw new NvrError('invalid', 'a JSON array of paths is needed.');
  return list.map(path);
}

export function addresses(value: unknown): string[] {
  const list: unknown = typeof value === 'string' ? parseJson(value) : value;
  if (Array.isArray(list) && list.every((each) => typeof each === 'string' && isIPv4(each))) return list;
  throw new NvrError('invalid', 'a JSON array of IPv4 addresses is needed.');
}

export function portRange(value: unknown): PortRange {
  const [, from = 0, to = 0] = (/^(\d{1,5})-(\d{1,5})$/.exec(String(value)) ?? []).map(Number);
  if (from >= 1024 && from <= to && to <= 65_535) return { from, to };
  throw new NvrError('invalid', 'two ports from 1024 to 65535 with a hyphen are needed.');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** IP addresses and networks (`10.0.0.0/8`). */
export function networks(value: unknown): string[] {
  const list: unknown = typeof value === 'string' ? parseJson(value) : value;
  if (Array.isArray(list) && list.every(isNetwork)) return list;
  throw new NvrError('invalid', 'a JSON array of IP addresses or networks is needed.');
}

function isNetwork(value: unknown): boolean {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(String(value)) ?? [];
  const version = isIP(address);
  return version !== 0 && Number(bits ?? 0) <= (version === 4 ? 32 : 128);
}

/** Null stays null: the setting is absent. */
export function optional<T>(reader: Reader<T>): Reader<T | null> {
  return (value) => (value === null ? null : reader(value));
}
