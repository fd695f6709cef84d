#!/usr/bin/env node
import { hostname } from 'node:os';
import { runProgram } from '@tacho/command-line';
import { listenAddress } from '../../listener/src/serve-until.ts';
import manifest from '../package.json' with { type: 'json' };
import { flagRelations, preferredAddressTypes, pullerFlags, summary } from './flags.ts';
import { runPuller } from './puller.ts';

process.exitCode = await runProgram(
  {
    name: 'tacho-puller',
    version: manifest.version,
    summary,
    flags: pullerFlags(hostname()),
    relations: flagRelations,
    stopMs: () => 3_000,
    run: (values, log, signal) =>
      runPuller(
        {
          version: manifest.version,
          pullerName: values['puller-name'],
          aggregators: values.aggregator,
          aggregatorServerName: values['aggregator-server-name'],
          aggregatorCaFile: values['aggregator-ca-file'],
          tokenFile: values['token-file'],
          periodMs: values['pull-period'],
          requestTimeoutMs: values['kubelet-request-timeout'],
          kubelets: {
            preferredAddressTypes: preferredAddressTypes(values['kubelet-preferred-address-types']),
            port: values['kubelet-port'],
            useNodeStatusPort: values['kubelet-use-node-status-port'],
          },
          credentials: {
            certificateAuthority: values['kubelet-certificate-authority'],
            clientCertificate: values['kubelet-client-certificate'],
            clientKey: values['kubelet-client-key'],
            tokenFile: values['kubelet-token-file'],
            insecure: values['kubelet-insecure-tls'],
          },
          health: listenAddress(values['health-port'], values['health-bind-address']),
        },
        log,
        signal,
      ),
  },
  process,
);
