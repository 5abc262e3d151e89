/**
 * The description of the API as a page to browse: one HTML text without scripts, so that it works under the strict
 * policy of this server, and its style sheet.
 */
import { type Json, type JsonObject, objectOf } from './components.ts';

/** @param document OpenAPI 3.1, with its schemas under `components` */
export function apiPage(document: JsonObject): string {
  const { info, tags, components } = document;
  const { title, description } = objectOf(info);
  const { schemas } = objectOf(components);
  const operations = operationsOf(document);
  const sections = listOf(tags).map((tag) => section(objectOf(tag), operations));
  const blocks = Object.entries(objectOf(schemas)).map(([name, schema]) => schemaBlock(name, schema));
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(title)} API</title>
<link rel="stylesheet" href="docs.css">
<header><h1>${text(title)} API</h1>
<p>${text(description)}</p>
<p><a href="openapi.json">OpenAPI 3.1 document</a></p></header>
<main>
${sections.join('\n')}
<section><h2 id="schemas">schemas</h2>
${blocks.join('\n')}
</section>
</main>
</html>
`;
}

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly spec: JsonObject;
}

function operationsOf({ paths }: JsonObject): readonly Operation[] {
  return Object.entries(objectOf(paths)).flatMap(([path, methods]) =>
    Object.entries(objectOf(methods)).map(([method, spec]) => ({ method, path, spec: objectOf(spec) })),
  );
}

function section({ name, description }: JsonObject, all: readonly Operation[]): string {
  const tagged = all.filter(({ spec: { tags } }) => listOf(tags).some((tag) => tag === name));
  return `<section><h2 id="${text(name)}">${text(name)}</h2><p>${text(description)}</p>
${tagged.map(operationBlock).join('\n')}
</section>`;
}

function operationBlock({ method, path, spec }: Operation): string {
  const { operationId, summary, description, parameters, requestBody, responses } = spec;
  const answers = Object.entries(objectOf(responses));
  return `<details id="${text(operationId)}">
<summary><code>${method.toUpperCase()}</code> <code>${text(path)}</code> ${text(summary)}</summary>
<p>${text(description)}</p>
${parameterTable(listOf(parameters).map(objectOf))}
${requestBody === undefined ? '' : contentBlock('Body', objectOf(requestBody))}
${answers.map(([status, answer]) => contentBlock(status, objectOf(answer))).join('\n')}
</details>`;
}

function parameterTable(parameters: readonly JsonObject[]): string {
  if (parameters.length === 0) return '';
  const rows = parameters.map(
    ({ name, in: where, required, description, schema }) =>
      `<tr><td><code>${text(name)}</code><td>${text(where)}<td>${required === true ? 'required' : ''}` +
      `<td>${text(description)}<td><code>${linked(schema)}</code>`,
  );
  return `<table><tr><th>Parameter<th>In<th><th>Meaning<th>Schema${rows.join('\n')}</table>`;
}

function contentBlock(title: string, { description, content }: JsonObject): string {
  const bodies = Object.entries(objectOf(content)).map(([type, media]) => {
    const { schema, example } = objectOf(media);
    const shown = type === 'application/json' ? `<p>Example</p><pre>${linked(example)}</pre>` : '';
    return `<p><code>${text(type)}</code></p><pre>${linked(schema)}</pre>${shown}`;
  });
  return `<h3>${text(title)}</h3><p>${text(description)}</p>${bodies.join('\n')}`;
}

function schemaBlock(name: string, schema: Json): string {
  return `<details id="schema-${text(name)}"><summary><code>${text(name)}</code></summary>
<pre>${linked(schema)}</pre></details>`;
}

/** A schema as text, with its references as links. */
function linked(schema: Json | undefined): string {
  return text(JSON.stringify(schema ?? {}, null, 2)).replace(
    /\{\s*&quot;\$ref&quot;: &quot;#\/components\/schemas\/(\w+)&quot;\s*\}/g,
    '<a href="#schema-$1">$1</a>',
  );
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text for HTML, also inside an attribute; nothing for what is not there. */
function text(value: Json | undefined): string {
  return value === undefined ? '' : String(value).replace(/[&<>"]/g, (found) => ENTITIES[found] ?? found);
}

export const apiStyles = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; }
h2 { margin-top: 2.5rem; text-transform: capitalize; }
details { border: 1px solid #8886; border-radius: .4rem; margin: .4rem 0; padding: .4rem .8rem; }
summary { cursor: pointer; }
summary code:first-child { display: inline-block; font-weight: 700; min-width: 4.5rem; }
pre { background: #8882; border-radius: .4rem; overflow-x: auto; padding: .8rem; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { padding: .2rem .8rem .2rem 0; text-align: left; vertical-align: top; }
`;
