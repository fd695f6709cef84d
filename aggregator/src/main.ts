#!/usr/bin/env node
import { runProgram } from '@tacho/command-line';
import manifest from '../package.json' with { type: 'json' };
import { runAggregator } from './aggregator.ts';
import { configOf } from './config.ts';
import { logLevelOf } from './flags/logging-flags.ts';
import { aggregatorFlags, flagRelations, flagSections, summary } from './flags.ts';

/** For requests in flight and for the streams' end. */
const orderlyEndMs = 10_000;

process.exitCode = await runProgram(
  {
    name: 'tacho-aggregator',
    version: manifest.version,
    summary,
    flags: aggregatorFlags,
    sections: flagSections,
    relations: flagRelations,
    logLevel: ({ v }) => logLevelOf(v),
    stopMs: (values) => values['shutdown-delay-duration'] + orderlyEndMs,
    run: (values, log, signal) =>
      runAggregator(
        configOf(values, manifest.version, {
          host: process.env['KUBERNETES_SERVICE_HOST'],
          port: process.env['KUBERNETES_SERVICE_PORT'],
        }),
        log,
        signal,
      ),
  },
  process,
);
