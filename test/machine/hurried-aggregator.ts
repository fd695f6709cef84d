/** The aggregator with its command line, only that one CA follows another in seconds. */
import { runProgram } from '@tacho/command-line';
import { runAggregator } from '../../aggregator/src/aggregator.ts';
import { configOf } from '../../aggregator/src/config.ts';
import { aggregatorFlags, flagRelations, summary } from '../../aggregator/src/flags.ts';

const rotation = { publishedMs: 2_000, droppedMs: 3_000, lookMs: 200 };

process.exitCode = await runProgram(
  {
    ...{ name: 'tacho-aggregator', version: '0.1.0', summary, flags: aggregatorFlags },
    relations: flagRelations,
    stopMs: () => 3_000,
    run: (values, log, signal) => {
      const config = configOf(values, '0.1.0', { host: undefined, port: undefined });
      const { tls } = config;
      if (tls.kind !== 'self-managed') throw new Error('Cannot hurry: the certificates are not self-managed');
      return runAggregator({ ...config, tls: { ...tls, rotation } }, log, signal);
    },
  },
  process,
);
