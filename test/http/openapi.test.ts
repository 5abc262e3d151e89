/** The description of the API: complete, well-formed, and true of what the server answers. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Harness, startHarness } from './harness.ts';
import { GOOD_REQUESTS, type GoodRequest } from './requests.ts';

interface Content {
  readonly content?: Record<string, { readonly schema: object; readonly example?: unknown }>;
}
interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security: readonly object[];
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: object }[];
  readonly requestBody?: Content & { readonly required: boolean };
  readonly responses: Record<string, Content>;
}
interface Document {
  readonly openapi: string;
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, object> };
}

/** A style sheet, and a WebSocket, for which OpenAPI has no words. */
const UNDESCRIBED = ['/api/v1/docs.css', '/api/v1/live', '/api/v1/events/live'];

let folder: string;
let harness: Harness;
let document: Document;
let page: string;
let ajv: Ajv2020;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-'));
  const segmentPath = join(folder, 'segment.mp4');
  writeFileSync(segmentPath, '0123456789');
  harness = await startHarness({ segmentPath });
  document = (await harness.as('viewer', { url: '/api/v1/openapi.json' })).json();
  page = (await harness.as('viewer', { url: '/api/v1/docs' })).body;
  // A reference is resolved as in the document itself.
  ajv = new Ajv2020({
    strict: true,
    strictTypes: false,
    strictRequired: false,
    discriminator: true,
    formats: { binary: true },
  });
  ajv.addVocabulary(['components']);
  ajv.addSchema({ $id: 'api', components: document.components });
});
afterAll(async () => {
  await harness.close();
  rmSync(folder, { recursive: true });
});

function operations(): (Operation & { readonly route: string })[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      route: `${method.toUpperCase()} ${path}`,
    })),
  );
}

/** `/cameras/:cameraId` as OpenAPI writes it. */
function routeOf({ method, route }: { readonly method: string; readonly route: string }): string {
  return `${method} ${route.replace(/:(\w+)/g, '{$1}')}`;
}

function operationOf(request: GoodRequest): Operation {
  return operations().find(({ route }) => route === routeOf(request)) ?? expect.unreachable();
}

function valid(schema: object, value: unknown): void {
  const local = JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"api#/components/'));
  const check = ajv.compile(local);
  expect(check(value), JSON.stringify(check.errors)).toBe(true);
}

describe('the document', () => {
  it('has every route', () => {
    const known = harness.app.knownRoutes
      .flatMap(({ methods, url }) => methods.map((method) => ({ method, route: url })))
      .filter(({ method, route }) => method !== 'HEAD' && !UNDESCRIBED.includes(route))
      .map(routeOf);
    expect(document.openapi).toBe('3.1.0');
    expect(new Set(operations().map(({ route }) => route))).toEqual(new Set(known));
  });

  it('names every operation once, says what it is for and how it fails', () => {
    const names = operations().map(({ operationId }) => operationId);
    expect(new Set(names).size).toBe(names.length);
    const tags = document.tags.map(({ name }) => name);
    for (const { route, summary, tags: own, responses } of operations()) {
      expect(summary, route).toMatch(/^\S/);
      expect(tags, route).toEqual(expect.arrayContaining([...own]));
      expect(own).toHaveLength(1);
      if (route.includes('/api/v1/'))
        expect(Object.keys(responses)).toEqual(expect.arrayContaining(['4XX', '5XX']));
    }
  });

  it('declares every parameter of a path, and no other', () => {
    for (const { route, parameters = [] } of operations()) {
      const named = [...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = parameters.filter((each) => each.in === 'path').map(({ name }) => name);
      expect(new Set(declared), route).toEqual(new Set(named));
    }
  });

  it('asks for a login everywhere but where nobody has one', () => {
    const open = operations().filter(({ security }) => security.length === 0);
    expect(open.map(({ route }) => route)).toEqual([
      'POST /api/v1/session',
      'DELETE /api/v1/session',
      'GET /api/v1/setup',
      'POST /api/v1/setup',
      'GET /healthz',
    ]);
  });

  it('names its schemas instead of repeating them, and all of them are used and compile', () => {
    const text = JSON.stringify(document);
    const used = [...text.matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name);
    expect(new Set(used)).toEqual(new Set(Object.keys(document.components.schemas)));
    for (const name of Object.keys(document.components.schemas)) {
      expect(ajv.getSchema(`api#/components/schemas/${name}`), name).toBeTypeOf('function');
    }
    expect(text).not.toContain('"const"');
  });
});

describe('an example', () => {
  it('is with every body that a route takes or gives, and as its schema says; bytes have none', () => {
    let seen = 0;
    for (const { route, requestBody, responses } of operations()) {
      const bodies: Record<string, Content> = { ...responses, ...(requestBody && { body: requestBody }) };
      for (const [where, { content = {} }] of Object.entries(bodies)) {
        for (const [mediaType, { schema, example }] of Object.entries(content)) {
          if (JSON.stringify(schema).includes('"binary"')) continue;
          expect(example, `${route} ${where} ${mediaType}`).toBeDefined();
          valid(schema, example);
          seen += 1;
        }
      }
    }
    expect(seen).toBeGreaterThan(operations().length * 2);
  });
});

describe('every route does as described', () => {
  const json = GOOD_REQUESTS.filter(({ type }) => type?.startsWith('application/json; '));
  it.each(json.map((request) => [routeOf(request), request] as const))('%s', async (_, request) => {
    const { method, url, payload, status = 200 } = request;
    const operation = operationOf(request);
    if (payload && operation.requestBody) {
      valid(operation.requestBody.content?.['application/json']?.schema ?? expect.unreachable(), payload);
    }
    const role = method !== 'GET' && url.endsWith('/session') ? null : 'admin';
    const answer = await harness.as(role, { method, url, ...(payload ? { payload } : {}) });
    const { content } = operation.responses[status] ?? expect.unreachable();
    valid(content?.['application/json']?.schema ?? expect.unreachable(), answer.json());
  });

  it('also when it fails', async () => {
    for (const url of ['/api/v1/nothing', '/api/v1/cameras/X', '/api/v1/cameras/a/gaps?start=x&y=1']) {
      const answer = await harness.as('admin', { url });
      valid({ $ref: '#/components/schemas/Problem' }, answer.json());
    }
  });
});

describe('the page', () => {
  it('shows every operation and schema, and its links lead somewhere', () => {
    for (const { operationId } of operations()) expect(page).toContain(`<details id="${operationId}">`);
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const links = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(links.length).toBeGreaterThan(20);
    expect(ids).toEqual(expect.arrayContaining(links));
  });

  it('has nothing that the policy forbids, and its style sheet is there', async () => {
    expect(page).not.toMatch(/<script|<style| style=| on\w+=|(?:src|href)="(?:https?:)?\/\/(?!192\.)/);
    expect(page).toContain('href="docs.css"');
    const css = await harness.as('viewer', { url: '/api/v1/docs.css' });
    expect([css.statusCode, css.headers['content-type']]).toEqual([200, 'text/css; charset=utf-8']);
  });

  it('is closed in all its elements', () => {
    for (const tag of ['details', 'summary', 'section', 'pre', 'code', 'a', 'table', 'p', 'main', 'header']) {
      const opened = page.match(new RegExp(`<${tag}[ >]`, 'g'))?.length;
      expect(page.match(new RegExp(`</${tag}>`, 'g'))?.length, tag).toBe(opened);
    }
  });
});
