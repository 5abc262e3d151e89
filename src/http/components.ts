/** Gives the schemas of the wire their names in an OpenAPI document, in place of their many copies. */
import type { TSchema } from 'typebox';
import { DayView, GapView, RecordingView, SegmentView } from './wire/archive.ts';
import { CameraInput, CameraPatch, CameraView, SourceInput } from './wire/camera.ts';
import { Problem } from './wire/problem.ts';
import { CameraStatus, StreamFormat } from './wire/status.ts';
import { Health, SessionView, SystemInfo } from './wire/system.ts';

/** Each before what it contains, so that the outer one is found first. */
const NAMED: Readonly<Record<string, TSchema>> = {
  Camera: CameraView,
  CameraInput,
  CameraPatch,
  CameraStatus,
  Day: DayView,
  Gap: GapView,
  Health,
  Problem,
  Recording: RecordingView,
  Segment: SegmentView,
  Session: SessionView,
  SourceInput,
  StreamFormat,
  SystemInfo,
};

/** JSON as a document holds it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export type JsonObject = Readonly<Record<string, Json>>;

/** The document with `components.schemas`, and references to them. */
export function withComponents(document: object): JsonObject {
  const names = new Map(Object.entries(NAMED).map(([name, schema]) => [textOf(plain(schema)), name]));
  const schemas = Object.fromEntries(
    Object.entries(NAMED).map(([name, schema]) => [name, inside(plain(schema), names)]),
  );
  const { components, ...rest } = objectOf(replaced(plain(document), names));
  return { ...rest, components: { ...objectOf(components), schemas } };
}

/** As it is sent: what is only known to the program is gone, and a constant is an enumeration of one. */
export function plain(value: object): Json {
  const json: Json = JSON.parse(JSON.stringify(value));
  return constantsOf(json);
}

function constantsOf(value: Json): Json {
  if (isList(value)) return value.map(constantsOf);
  if (!isObject(value)) return value;
  const { const: constant, ...rest } = value;
  const entries = Object.entries(rest).map(([name, each]) => [name, constantsOf(each)]);
  return { ...Object.fromEntries(entries), ...(constant === undefined ? {} : { enum: [constant] }) };
}

function replaced(value: Json, names: ReadonlyMap<string, string>): Json {
  const name = isObject(value) ? names.get(textOf(value)) : undefined;
  return name === undefined ? inside(value, names) : { $ref: `#/components/schemas/${name}` };
}

function inside(value: Json, names: ReadonlyMap<string, string>): Json {
  if (isList(value)) return value.map((each) => replaced(each, names));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, replaced(each, names)]));
}

/** The same text for the same schema, whatever the order of its keywords. */
function textOf(value: Json): string {
  return JSON.stringify(value, (_, each: Json) =>
    isObject(each) ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1))) : each,
  );
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** The object, or an empty one. */
export function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}
