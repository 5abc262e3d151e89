/** What the schemas of the wire are made of: TypeBox with the habits of this API. */
import { type Static, type TProperties, type TSchema, Type } from 'typebox';

/** An object that refuses properties it does not name. */
export function strict<Properties extends TProperties>(properties: Properties, description: string) {
  return Type.Object(properties, { additionalProperties: false, description });
}

/** An array that whoever receives it does not change. */
export function list<Schema extends TSchema>(items: Schema) {
  return Type.Unsafe<readonly Static<Schema>[]>(Type.Array(items));
}

/** The same or null. */
export function nullable<Schema extends TSchema>(schema: Schema) {
  return Type.Union([schema, Type.Null()]);
}

/** How many. */
export const Count = Type.Integer({ minimum: 0 });
/** A time in an answer; times in queries are bounded in `schemas.ts`. */
export const Time = Type.Integer({ minimum: 0, description: 'UTC epoch milliseconds' });

/** One of several objects, told apart by `kind`, so that an error names the field of the variant that was meant. */
export function byKind<Variants extends TSchema[]>(...oneOf: Variants) {
  return Type.Unsafe<Static<Variants[number]>>({
    type: 'object',
    required: ['kind'],
    discriminator: { propertyName: 'kind' },
    oneOf,
  });
}
