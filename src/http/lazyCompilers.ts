/**
 * Makes validators and serializers of the schemas of a route when it is first asked. All of them together take more than
 * a second, which a start has for cameras, and most are never asked.
 */
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import serializerOf from 'fast-json-stringify';
import type { FastifyInstance, FastifySchemaCompiler, FastifySerializerCompiler } from 'fastify';

type Validate = ReturnType<FastifySchemaCompiler<object>>;
type Serialize = ReturnType<FastifySerializerCompiler<object>>;

/** What is sent is taken as it is: nothing is coerced, dropped or made up but the defaults that the schema names. */
const RULES = { allErrors: true, discriminator: true, useDefaults: true, addUsedSchema: false } as const;

/** Puts both in the place of Fastify's own. A schema that can't be compiled throws at the first question. */
export function compileLazily(app: FastifyInstance): void {
  const ajv = new Ajv(RULES);
  // Taken apart because the compiler takes the import now for the module, now for what it exports.
  const { default: addFormats } = formats;
  addFormats(ajv);
  app.setValidatorCompiler<object>(({ schema }) => putOffValidator(() => ajv.compile(schema)));
  app.setSerializerCompiler<object>(({ schema }) => {
    let serialize: Serialize | null = null;
    return (answer) => {
      serialize ??= serializerOf(schema);
      return serialize(answer);
    };
  });
}

/** Fastify reads what is wrong from the function that it called. */
function putOffValidator(compile: () => Validate): Validate {
  let compiled: Validate | null = null;
  const validate: Validate = (data: unknown) => {
    compiled ??= compile();
    const result = compiled(data);
    validate.errors = compiled.errors ?? null;
    return result;
  };
  return validate;
}
