import { inspect } from 'node:util';
import { createKernelContext } from '../context.ts';
import { formatCheckLine } from './check-line.ts';
import { guestChecks } from './guest-checks.ts';

/** Runs inside the guest: every check in turn, one line each. The exit code says only whether they could be run. */
const context = createKernelContext();
if (typeof context === 'string') throw new Error(`making cgroups in the guest: ${context}`);
process.stdout.write(
  `layout ${context.layout.mode}; node started after ${Math.round(performance.now())} ms\n`,
);
for (const { name, needs, run } of guestChecks) {
  const missing = needs.filter((controller) => !context.controllers.has(controller));
  if (missing.length > 0) {
    process.stdout.write(formatCheckLine({ name, ok: true, skipped: `no ${missing.join(', ')}`, ms: 0 }));
    continue;
  }
  const startedMs = performance.now();
  const error = await run(context).then(
    () => undefined,
    (reason: unknown) => inspect(reason),
  );
  const ms = Math.round(performance.now() - startedMs);
  process.stdout.write(formatCheckLine({ name, ok: error === undefined, ...(error ? { error } : {}), ms }));
}
