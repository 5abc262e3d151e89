/** The resource `/metrics`: numbers for Prometheus, in its text format 0.0.4. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { textAnswer } from './answers.ts';
import type { MetricFamily, MetricSample, SystemPort } from './ports.ts';
import { watch } from './rules.ts';

const MEDIA_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
const NAME = /^[a-z_][a-z0-9_]*$/;

export function metricsRoutes(system: Pick<SystemPort, 'metrics'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/metrics',
      {
        config: watch,
        schema: {
          tags: ['system'],
          summary: 'Numbers for Prometheus',
          response: textAnswer('text/plain', 'The text format 0.0.4'),
        },
      },
      async (_request, reply) => reply.type(MEDIA_TYPE).send(expositionOf(await system.metrics())),
    );
  };
}

/** The text of the families, in their order. @throws TypeError when a name is none */
export function expositionOf(families: readonly MetricFamily[]): string {
  return families.map(textOf).join('');
}

function textOf({ name, help, type, samples }: MetricFamily): string {
  const head = `# HELP ${checked(name)} ${escapedText(help)}\n# TYPE ${name} ${type}\n`;
  return head + samples.map((sample) => `${name}${labelsOf(sample)} ${numberOf(sample)}\n`).join('');
}

function labelsOf({ labels = {} }: MetricSample): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${checked(name)}="${escapedText(value).replaceAll('"', '\\"')}"`,
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function numberOf({ value }: MetricSample): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

function escapedText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function checked(name: string): string {
  if (!NAME.test(name)) throw new TypeError(`${name} is no name of a metric or label.`);
  return name;
}
