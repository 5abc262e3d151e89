/** How results are shown: what machine they are of, tables as text, everything as JSON. */
import { execFileSync } from 'node:child_process';
import os from 'node:os';
import type { Table } from './scenario.ts';

/** What ratios and limits depend on, to be read beside them. */
export function machineFacts() {
  return {
    date: new Date().toISOString(),
    processor: os.cpus()[0]?.model.trim() ?? '',
    cores: os.cpus().length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    kernel: os.release(),
    node: process.version,
    gstreamer: firstLine('gst-launch-1.0', '--version'),
    ffmpeg: firstLine('ffmpeg', '-version'),
    load: os.loadavg().map((load) => Number(load.toFixed(2))),
  };
}

/** A table in Markdown. */
export function textOf({ title, rows }: Table): string {
  const names = Object.keys(rows[0] ?? {});
  const cells = [names, ...rows.map((row) => names.map((name) => String(row[name] ?? '–')))];
  const widths = names.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const lineOf = (line: readonly string[]) =>
    `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = cells;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [`### ${title}`, '', lineOf(head), rule, ...body.map(lineOf), ''].join('\n');
}

function firstLine(program: string, option: string): string {
  return execFileSync(program, [option], { encoding: 'utf8' }).split('\n')[0] ?? '';
}
