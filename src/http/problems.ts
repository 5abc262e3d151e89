/**
 * The one place where failures become answers: RFC 9457 problem details. What the user may know is in the
 * message of an `NvrError` or `HttpError`; of anything else, only its status is told.
 */
import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { type ErrorKind, NvrError } from '../domain/errors.ts';
import type { Problem } from './wire/problem.ts';

/** A failure that only HTTP knows of, such as a method that is not allowed. */
export class HttpError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'HttpError';
    this.status = status;
    this.headers = headers;
  }
}

type FieldError = NonNullable<Problem['errors']>[number];
type Validation = NonNullable<FastifyError['validation']>[number];

/** What of a failure the client is told. */
interface Telling {
  readonly status: number;
  readonly detail: string;
  readonly field?: string;
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
}

const STATUS_OF: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthorised: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  unavailable: 503,
  exhausted: 507,
  internal: 500,
};

/**
 * Where the field makes it another failure: an outdated revision, a camera that a source does not lead to, and more
 * viewers than a user may have.
 */
const REFINED: Readonly<Record<string, number>> = {
  'conflict revision': 412,
  'unavailable source': 422,
  'exhausted viewers': 429,
};

/** Sentences for what Fastify and its plugins refuse by themselves. */
const DETAIL_OF: Readonly<Record<number, string>> = {
  400: 'The request could not be read: its body is not valid JSON, or its address is malformed.',
  403: 'This may not be read.',
  404: 'There is nothing at this address.',
  408: 'The request took too long to arrive.',
  412: 'What is asked for has changed.',
  413: 'The body of the request is too large: at most 1 MiB is taken.',
  414: 'The address of the request is too long.',
  415: 'The body of the request must be JSON, said so by the header Content-Type: application/json.',
  416: 'The file does not have the range of bytes that was asked for.',
  500: 'The recorder failed to answer; its log says why.',
  503: 'The recorder is shutting down.',
};

/** Statuses for which the recorder is to blame; 503 is what a camera that is not live yet answers. */
const TO_BLAME = new Set([500, 507]);

const MOST_FIELDS = 20;
const LONGEST_FIELD = 200;

/** Answers with the problem, and logs what the recorder is to blame for. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, detail, field, errors, headers } = tell(error);
  if (TO_BLAME.has(status)) request.log.error({ err: error }, 'request failed');
  const problem: Problem = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    ...(field === undefined ? {} : { field }),
    ...(errors === undefined ? {} : { errors }),
    requestId: request.id,
  };
  return reply
    .code(status)
    .headers({ 'cache-control': 'no-store', ...headers })
    .type('application/problem+json')
    .send(JSON.stringify(problem));
}

/** Why one of several things was not done, as it would be told had it been the only one; a failure is logged. */
export function refusalOf(error: unknown, request: FastifyRequest): Pick<Problem, 'status' | 'detail'> {
  const { status, detail } = tell(error);
  if (TO_BLAME.has(status)) request.log.error({ err: error }, 'a part of a request failed');
  return { status, detail };
}

function tell(error: unknown): Telling {
  if (error instanceof NvrError) return tellNvr(error);
  if (error instanceof HttpError)
    return { status: error.status, detail: error.message, headers: error.headers };
  if (isValidation(error)) return tellValidation(error);
  const status = statusOf(error);
  const detail = DETAIL_OF[status] ?? 'The request is refused.';
  return { status, detail, headers: status === 416 ? contentRangeOf(error) : {} };
}

function tellNvr({ kind, message, field }: NvrError): Telling {
  const status = REFINED[`${kind} ${field}`] ?? STATUS_OF[kind];
  return {
    status,
    detail: kind === 'internal' ? 'The recorder failed; its log says why.' : message,
    ...(field === undefined ? {} : { field }),
    ...(status === 503 ? { headers: { 'retry-after': '1' } } : {}),
  };
}

function tellValidation({ validation, validationContext }: ValidationError): Telling {
  const messages = new Map<string, string>();
  for (const entry of validation) {
    const field = fieldOf(entry) || validationContext;
    if (messages.size < MOST_FIELDS && !messages.has(field)) messages.set(field, sentenceOf(entry));
  }
  const errors = [...messages].map(([field, message]) => ({ field, message }));
  const [first] = errors;
  return {
    status: 400,
    detail: first ? `${first.field} ${first.message}.` : 'The request is not valid.',
    ...(first ? { field: first.field } : {}),
    errors,
  };
}

interface ValidationError {
  readonly validation: readonly Validation[];
  readonly validationContext: string;
}

function isValidation(error: unknown): error is ValidationError {
  return error instanceof Error && 'validation' in error && Array.isArray(error.validation);
}

/** `source.url` from the JSON pointer (RFC 6901) of the place and the property that is missing or not known. */
function fieldOf({ instancePath, keyword, params }: Validation): string {
  const { missingProperty, additionalProperty, tag } = params;
  const named: Readonly<Record<string, unknown>> = {
    required: missingProperty,
    additionalProperties: additionalProperty,
    discriminator: tag,
  };
  const path = instancePath.split('/').slice(1);
  const property = named[keyword];
  const parts = typeof property === 'string' ? [...path, property] : path;
  return parts
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.')
    .slice(0, LONGEST_FIELD);
}

function sentenceOf({ keyword, params: { allowedValues }, message }: Validation): string {
  switch (keyword) {
    case 'required':
      return 'is required';
    case 'additionalProperties':
      return 'is not known';
    case 'discriminator':
      return 'is not one of the kinds there are';
    case 'enum':
      return `must be one of ${[allowedValues].flat().join(', ')}`;
    case 'pattern':
      return 'is not written as it must be';
    default:
      return message ?? 'is not valid';
  }
}

/** The status that Fastify or a plugin attached to its error; 500 for everything else. */
function statusOf(error: unknown): number {
  if (!(error instanceof Error)) return 500;
  const status = 'statusCode' in error ? error.statusCode : 'status' in error ? error.status : 500;
  const known = typeof status === 'number' && ((status >= 400 && status < 500) || status === 503);
  return known ? status : 500;
}

/** The size of the file, which RFC 9110 §15.5.17 wants told when a range is beyond it. */
function contentRangeOf(error: unknown): Readonly<Record<string, string>> {
  const headers = error instanceof Error && 'headers' in error ? error.headers : undefined;
  const range = new Map(Object.entries(headers ?? {})).get('Content-Range');
  return typeof range === 'string' ? { 'content-range': range } : {};
}
