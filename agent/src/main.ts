#!/usr/bin/env node
import { cpus, hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { helpText, parseCommandLine, problemsText } from '@tacho/command-line';
import pino from 'pino';
import manifest from '../package.json' with { type: 'json' };
import { type AgentConfig, runAgent } from './agent.ts';
import { agentFlags, flagRelations, summary } from './flags.ts';

const program = 'tacho-agent';
const flags = agentFlags(hostname().toLowerCase());
const stopMs = 3_000;

async function main(): Promise<number> {
  const line = parseCommandLine(flags, process.argv.slice(2), process.env, flagRelations);
  if (line.kind === 'help') {
    process.stdout.write(helpText(program, summary, flags));
    return 0;
  }
  if (line.kind === 'version') {
    process.stdout.write(`${program} ${manifest.version}\n`);
    return 0;
  }
  if (line.kind === 'problems') {
    process.stderr.write(problemsText(program, line.problems));
    return 2;
  }
  const { values } = line;
  const config: AgentConfig = {
    version: manifest.version,
    nodeName: values['node-name'],
    aggregators: values.aggregator,
    aggregatorServerName: values['aggregator-server-name'],
    aggregatorCaFile: values['aggregator-ca-file'],
    tokenFile: values['token-file'],
    cgroupRoot: values['cgroup-root'],
    procRoot: values['proc-root'],
    kubepodsPaths: values['kubepods-path'],
    containerLogs: values['container-logs'],
    cpus: cpus().length,
  };
  const log = pino(
    { level: values['log-level'], base: { program } },
    pino.destination({ dest: 1, sync: true }),
  );
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(1);
      log.info({ signal }, 'stopping');
      stop.abort();
      void sleep(stopMs, undefined, { ref: false }).then(() => process.exit(1));
    });
  }
  try {
    await runAgent(config, log, stop.signal);
    return 0;
  } catch (error) {
    log.fatal({ reason: error instanceof Error ? error.message : String(error) }, 'cannot go on');
    return 1;
  }
}

process.exitCode = await main();
