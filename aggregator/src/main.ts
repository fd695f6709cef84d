#!/usr/bin/env node
import { setTimeout as sleep } from 'node:timers/promises';
import { helpText, parseCommandLine, problemsText } from '@tacho/command-line';
import pino from 'pino';
import manifest from '../package.json' with { type: 'json' };
import { type AggregatorConfig, runAggregator } from './aggregator.ts';
import { aggregatorFlags, flagRelations, summary } from './flags.ts';

const program = 'tacho-aggregator';
const usualWindowMs = 10_000;
const stopMs = 10_000;

async function main(): Promise<number> {
  const line = parseCommandLine(aggregatorFlags, process.argv.slice(2), process.env, flagRelations);
  if (line.kind === 'help') {
    process.stdout.write(helpText(program, summary, aggregatorFlags));
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
  const periodMs = values['metric-resolution'];
  const config: AggregatorConfig = {
    version: manifest.version,
    periodMs,
    windowMs: values.window ?? Math.max(usualWindowMs, periodMs),
    bindAddress: values['bind-address'],
    securePort: values['secure-port'],
    ingestPort: values['ingest-port'],
    tlsCertFile: values['tls-cert-file'],
    tlsPrivateKeyFile: values['tls-private-key-file'],
    kubeconfigFile: values.kubeconfig,
    agentAudience: values['agent-audience'],
    agentUsername: `system:serviceaccount:${values['agent-service-account'].replace('/', ':')}`,
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
    await runAggregator(config, log, stop.signal);
    return 0;
  } catch (error) {
    log.fatal({ reason: error instanceof Error ? error.message : String(error) }, 'cannot go on');
    return 1;
  }
}

process.exitCode = await main();
