#!/usr/bin/env node
import { cpus, hostname } from 'node:os';
import { runProgram } from '@tacho/command-line';
import { listenAddress } from '../../listener/src/serve-until.ts';
import manifest from '../package.json' with { type: 'json' };
import { runAgent } from './agent.ts';
import { agentFlags, debugPort, flagRelations, summary } from './flags.ts';
import { LogRing } from './log-ring.ts';

/** For the support bundle: some minutes of a busy agent, hours of a quiet one. */
const recentLines = 300;
const log = new LogRing(recentLines);
/** The kubelet tells it to every container. */
const inPod = process.env['KUBERNETES_SERVICE_HOST'] !== undefined;

const run = () =>
  runProgram(
    {
      name: 'tacho-agent',
      version: manifest.version,
      summary,
      flags: agentFlags(hostname().toLowerCase()),
      relations: flagRelations,
      stopMs: () => 3_000,
      onLogLine: (line) => log.add(line),
      run: (values, logger, signal) =>
        runAgent(
          {
            version: manifest.version,
            nodeVersion: process.version,
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
            inPod,
            cpus: cpus().length,
            debug: listenAddress(
              debugPort(values['debug-port'], process.env['POD_IP'], process.env['HOST_IP'], inPod),
              values['debug-bind-address'],
            ),
            health: listenAddress(values['health-port'], values['health-bind-address']),
            recentLog: () => log.lines(),
          },
          logger,
          signal,
        ),
    },
    process,
  );

const explain = async () =>
  (await import('./explain/explain-command.ts')).runExplain({
    args: process.argv.slice(3),
    version: manifest.version,
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
  });

process.exitCode = await (process.argv[2] === 'explain' ? explain() : run());
