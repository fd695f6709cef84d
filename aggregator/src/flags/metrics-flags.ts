import { boolean, duration, optionalDuration, parsed } from '@tacho/command-line';
import { labelSelector } from './label-selector-flag.ts';

/** What is measured, how often, and of which nodes. */
export const metricsFlags = {
  'metric-resolution': duration({
    help: 'Period of the agents’ reports. Set here for the whole cluster; agents learn it on their stream. Outside 1s to 60s the nearest of the two holds.',
    default: '5s',
    min: '1s',
    max: '60s',
    outside: 'nearest',
  }),
  window: optionalDuration({
    help: 'What a CPU rate covers, at least one period. Longer is calmer, shorter lets an autoscaler see a step sooner. When it is not given: 10s, or one period where that is longer.',
    min: '1s',
    max: '10m',
  }),
  'node-selector': parsed(
    {
      help: 'Label selector of the nodes whose metrics are served, as of kubectl -l. Other nodes are not found, and the pods on them have no metrics.',
      placeholder: 'SELECTOR',
      short: 'l',
    },
    labelSelector,
  ),
  swap: boolean({
    help: 'Serves swap beside cpu and memory, for nodes and containers that have it.',
    default: true,
  }),
  'advertise-watch': boolean({
    help: 'Lets discovery say that metrics can be watched, and lists carry a resourceVersion. A watch that is asked for works in either case.',
    default: false,
  }),
};
