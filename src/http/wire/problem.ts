/** Failures on the wire. */
import { type Static, Type } from 'typebox';
import { list, strict } from './shapes.ts';

/** RFC 9457 problem details, with the field that is wrong. */
export const Problem = strict(
  {
    type: Type.String({
      description: 'URI reference that names the kind of problem',
      examples: ['about:blank'],
    }),
    title: Type.String({ examples: ['Bad Request'] }),
    status: Type.Integer({ examples: [400] }),
    detail: Type.String({
      description: 'A sentence for the user',
      examples: ['The address has no host.'],
    }),
    field: Type.Optional(
      Type.String({ description: 'The first field that is wrong', examples: ['source.url'] }),
    ),
    errors: Type.Optional(
      list(
        strict(
          { field: Type.String({ examples: ['source.url'] }), message: Type.String() },
          'One thing that is wrong',
        ),
      ),
    ),
    requestId: Type.String({ description: 'To be found in the log' }),
  },
  'Why a request was not done (RFC 9457)',
);
export type Problem = Static<typeof Problem>;
