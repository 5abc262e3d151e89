/**
 * Turns whole numbers in paths and queries, which arrive as text, into numbers. Only where the schema says
 * integer, and only plain decimal digits: `1e3`, `0x10`, ` 5` and `` stay text, which the schema then refuses.
 */
import type { preValidationHookHandler } from 'fastify';
import { isRecord } from '../domain/record.ts';

const DIGITS = /^(?:0|[1-9]\d{0,15})$/;

/** The integers of each schema; of a live part the same is asked many times a second. */
const integers = new WeakMap<object, readonly string[]>();

/** A hook for all routes. */
export const coerceIntegers: preValidationHookHandler = async (request) => {
  const { schema } = request.routeOptions;
  request.params = coerced(schema?.params, request.params);
  request.query = coerced(schema?.querystring, request.query);
};

function coerced(schema: unknown, values: unknown): unknown {
  if (!isRecord(schema) || !isRecord(values)) return values;
  const names = integers.get(schema) ?? integersOf(schema);
  integers.set(schema, names);
  const given = names.filter((name) => Object.hasOwn(values, name));
  if (given.length === 0) return values;
  return { ...values, ...Object.fromEntries(given.map((name) => [name, numberIn(values[name])])) };
}

function numberIn(value: unknown): unknown {
  return typeof value === 'string' && DIGITS.test(value) ? Number(value) : value;
}

function integersOf({ properties }: Readonly<Record<string, unknown>>): readonly string[] {
  if (!isRecord(properties)) return [];
  return Object.keys(properties).filter((name) => {
    const schema = properties[name];
    const { type } = isRecord(schema) ? schema : {};
    return type === 'integer';
  });
}
