/** The process: arguments, environment and signals in, exit code out. What is done is in `cli/`. */

import { check } from './app/checkPort.ts';
import { look } from './app/lookPort.ts';
import { probeLook } from './app/probePort.ts';
import { record } from './app/recordPort.ts';
import { verifyExport } from './app/verifyPort.ts';
import { startApp } from './app.ts';
import { checkCommand } from './cli/check.ts';
import { configCommand } from './cli/config.ts';
import { exportCommand } from './cli/export.ts';
import { listCommand } from './cli/list.ts';
import { probeCommand } from './cli/probe.ts';
import { recordCommand } from './cli/record.ts';
import { run } from './cli/run.ts';
import { serveCommand } from './cli/serve.ts';
import { settingsCommand } from './cli/settingsFile.ts';
import { verifyCommand } from './cli/verify.ts';

process.exitCode = await run(process.argv.slice(2), {
  serve: serveCommand(startApp),
  record: recordCommand(record),
  probe: probeCommand(probeLook),
  check: checkCommand(check),
  export: exportCommand(look),
  list: listCommand(look),
  config: configCommand(),
  settings: settingsCommand({
    // Read when they are needed: a start of the recorder has no time for them.
    folder: async (config, use) => (await import('./app/settingsDoors.ts')).settingsOfFolder(config, use),
    recorder: async (url, login) => (await import('./app/settingsDoors.ts')).settingsOfRecorder(url, login),
  }),
  verify: verifyCommand(verifyExport),
});
