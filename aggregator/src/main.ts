#!/usr/bin/env node
import { runProgram } from '@tacho/command-line';
import manifest from '../package.json' with { type: 'json' };
import { runAggregator } from './aggregator.ts';
import { aggregatorFlags, flagRelations, summary } from './flags.ts';

const usualWindowMs = 10_000;
/** For requests in flight and for the streams' end. */
const orderlyEndMs = 10_000;

process.exitCode = await runProgram(
  {
    name: 'tacho-aggregator',
    version: manifest.version,
    summary,
    flags: aggregatorFlags,
    relations: flagRelations,
    stopMs: (values) => values['shutdown-delay-duration'] + orderlyEndMs,
    run: (values, log, signal) =>
      runAggregator(
        {
          version: manifest.version,
          periodMs: values['metric-resolution'],
          windowMs: values.window ?? Math.max(usualWindowMs, values['metric-resolution']),
          bindAddress: values['bind-address'],
          securePort: values['secure-port'],
          ingestPort: values['ingest-port'],
          tls:
            values.tls === 'files'
              ? {
                  kind: 'files',
                  certFile: values['tls-cert-file'] ?? '',
                  keyFile: values['tls-private-key-file'] ?? '',
                }
              : {
                  kind: 'self-managed',
                  secret: values['tls-secret'],
                  caConfigMap: values['ca-config-map'],
                },
          kubeconfigFile: values.kubeconfig,
          kubernetesService: {
            host: process.env['KUBERNETES_SERVICE_HOST'],
            port: process.env['KUBERNETES_SERVICE_PORT'],
          },
          namespace: values.namespace,
          service: values.service,
          ingestService: values['ingest-service'],
          shutdownDelayMs: values['shutdown-delay-duration'],
          agentAudience: values['agent-audience'],
          agentUsername: `system:serviceaccount:${values['agent-service-account'].replace('/', ':')}`,
        },
        log,
        signal,
      ),
  },
  process,
);
