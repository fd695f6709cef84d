#!/usr/bin/env node
import { cpus, hostname } from 'node:os';
import { runProgram } from '@tacho/command-line';
import manifest from '../package.json' with { type: 'json' };
import { runAgent } from './agent.ts';
import { agentFlags, flagRelations, summary } from './flags.ts';

process.exitCode = await runProgram(
  {
    name: 'tacho-agent',
    version: manifest.version,
    summary,
    flags: agentFlags(hostname().toLowerCase()),
    relations: flagRelations,
    stopMs: () => 3_000,
    run: (values, log, signal) =>
      runAgent(
        {
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
          identity: values.identity,
          kubeconfig: values.kubeconfig,
          // The kubelet tells it to every container.
          inPod: process.env['KUBERNETES_SERVICE_HOST'] !== undefined,
          cpus: cpus().length,
          debug:
            values['debug-port'] === 0
              ? undefined
              : { port: values['debug-port'], bindAddress: values['debug-bind-address'] },
        },
        log,
        signal,
      ),
  },
  process,
);
