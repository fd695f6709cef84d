import { accepted, integer, type LogLevel, parsed } from '@tacho/command-line';

/** From this verbosity on Kubernetes' programs tell what only somebody who searches wants to know. */
const debugVerbosity = 4;

export const loggingFlags = {
  v: integer({
    help: `Verbosity as of Kubernetes’ programs: from ${debugVerbosity} on --log-level=debug, below info, where --log-level does not say otherwise.`,
    short: 'v',
    default: 0,
    min: -1_000_000,
    max: 1_000_000,
  }),
  'logging-format': parsed(
    { help: 'The log is always JSON lines; text is accepted.', placeholder: 'json|text' },
    (text) => {
      if (text === 'json' || text === '') return { value: 'json' };
      if (text === 'text') return { value: 'json', warning: 'text is not written here; json holds' };
      return { problem: `expected one of json, text, found "${text}"` };
    },
  ),
  ...accepted('the log goes to standard output, line by line', {
    bare: [
      'log-json-split-stream',
      'log-text-split-stream',
      // klog's own, which metrics-server had until 0.6.
      'add-dir-header',
      'alsologtostderr',
      'legacy-stderr-threshold-behavior',
      'logtostderr',
      'one-output',
      'skip-headers',
      'skip-log-headers',
    ],
    valued: [
      'log-flush-frequency',
      'log-json-info-buffer-size',
      'log-text-info-buffer-size',
      'vmodule',
      'alsologtostderrthreshold',
      'log-backtrace-at',
      'log-dir',
      'log-file',
      'log-file-max-size',
      'stderrthreshold',
    ],
  }),
};

/** @param verbosity of `-v` */
export function logLevelOf(verbosity: number): LogLevel {
  return verbosity >= debugVerbosity ? 'debug' : 'info';
}
