import { choice, optionalText, parsed } from '@tacho/command-line';
import { labelSelector } from './label-selector-flag.ts';

/** Nodes without an agent: whether pullers read their kubelets, and which nodes these are. */
export const pullingFlags = {
  pull: choice(['never', 'auto', 'all'], {
    help: 'Which nodes pullers are asked to read from their kubelets. auto: those that no agent has reported for three periods and where none is about to start. all: every node; an agent’s report counts before a pulled one.',
    default: 'never',
  }),
  'pull-node-selector': parsed(
    {
      help: 'Label selector of the nodes that may be pulled, as of kubectl -l; all when it is not given.',
      placeholder: 'SELECTOR',
    },
    labelSelector,
  ),
  'puller-service-account': optionalText({
    help: 'Service account that pullers must run as. Without it no puller is accepted.',
    placeholder: 'NAMESPACE/NAME',
    blank: 'unset',
  }),
};
