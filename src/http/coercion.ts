/**
 * Turns whole numbers in paths and queries, which arrive as text, into numbers. Only where the schema says
 * integer, and only plain decimal digits: `1e3`, `0x10`, ` 5` and `` stay text, which the schema then refuses.
 */
import type { preValidationHookHandler } from 'fastify';
import { isRecord } from '../domain/record.ts';

const DIGITS = /^(?:0|[1-9]\d{0,15})$/;

/** A hook for all routes. */
export const coerceIntegers: preValidationHookHandler = async (request) => {
  const { schema } = request.routeOptions;
  request.params = coerced(schema?.params, request.params);
  request.query = coerced(schema?.querystring, request.query);
};

function coerced(schema: unknown, values: unknown): unknown {
  const properties = propertiesOf(schema);
  if (properties === undefined || !isRecord(values)) return values;
  const entries = Object.entries(values).map(([name, value]) => [name, numberIn(properties[name], value)]);
  return Object.fromEntries(entries);
}

function numberIn(schema: unknown, value: unknown): unknown {
  const { type } = isRecord(schema) ? schema : {};
  return type === 'integer' && typeof value === 'string' && DIGITS.test(value) ? Number(value) : value;
}

function propertiesOf(schema: unknown): Readonly<Record<string, unknown>> | undefined {
  const { properties } = isRecord(schema) ? schema : {};
  return isRecord(properties) ? properties : undefined;
}
