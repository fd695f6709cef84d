import { choice, integer, optionalText, parsed, text, textList } from '@tacho/command-line';
import { aggregatorFlags, aggregatorRelations } from '../../push/src/aggregator-flags.ts';
import { identities } from './identity/open-names.ts';

/** What `tacho-agent --help` starts with. */
export const summary =
  'Reads the cgroups of this node, turns their counters into rates and pushes them to the tacho aggregator each period. ' +
  'Period and window are the aggregator’s to say (its --metric-resolution and --window). ' +
  'tacho-agent explain [NAMESPACE/POD] asks a running agent what it knows, and why: see its --help.';

/** The agent's flags. @param hostname what a node is called when nobody says otherwise */
export const agentFlags = (hostname: string) => ({
  ...aggregatorFlags,
  'node-name': text({
    help: 'Name of this node in the cluster.',
    placeholder: 'NAME',
    env: 'NODE_NAME',
    default: hostname,
  }),
  'cgroup-root': text({
    help: 'Where the node’s cgroups are mounted. In a pod: the mount of the host’s /sys/fs/cgroup, not the pod’s own.',
    placeholder: 'DIRECTORY',
    default: '/sys/fs/cgroup',
  }),
  'proc-root': text({
    help: 'Where the node’s procfs is mounted.',
    placeholder: 'DIRECTORY',
    default: '/proc',
  }),
  'kubepods-path': textList({
    help: 'Path of the kubepods cgroup below the root of its hierarchy, say /kubepods.slice. Without it every directory named kubepods or *kubepods.slice down to three levels is taken.',
    placeholder: 'PATH',
    shape: {
      pattern: /^(?:\/(?!\.\.?(?:\/|$))[^/]+)+$/,
      expected: 'an absolute path below the hierarchy’s root',
    },
  }),
  'container-logs': text({
    help: 'The kubelet’s directory of log links, from which containers get their names.',
    placeholder: 'DIRECTORY',
    default: '/var/log/containers',
  }),
  identity: choice(identities, {
    help: 'Where containers get their names: from the kubelet’s log links, from the API server (a watch of this node’s pods, for which the agent’s account may list and watch pods), or auto: from the links where --container-logs can be read, else from the API.',
    default: 'auto',
  }),
  kubeconfig: optionalText({
    help: 'Where the API server is, for --identity=api outside of a pod. In a pod its service account says it.',
    placeholder: 'FILE',
  }),
  'debug-port': parsed<number>(
    {
      help: 'Port of the debug endpoint (a page at /, /debug/state, /metrics/resource and more); 0: none. Default 10252, but 0 in a pod unless POD_IP and HOST_IP in the environment tell two addresses: with hostNetwork, 127.0.0.1 is everybody’s on the node. When it is taken the agent says so and goes on without.',
      placeholder: 'NUMBER',
    },
    (given) => {
      const port = /^\d+$/.test(given) ? Number(given) : Number.NaN;
      return port <= 65_535
        ? { value: port }
        : { problem: `expected a whole number from 0 to 65535, found "${given}"` };
    },
  ),
  'debug-bind-address': text({
    help: 'Address of the debug endpoint. The default is reached from inside the pod and by kubectl port-forward; on any other, everybody whom the network lets through, every pod of the cluster as a rule, reads without a password the names, usage, limits and cgroup files of all pods of this node, the agent’s recent log, and facts of the machine.',
    placeholder: 'ADDRESS',
    default: '127.0.0.1',
  }),
  'health-port': integer({
    help: 'Port of /livez, /readyz and /metrics; 0: none. When it is taken the agent says so and goes on without.',
    min: 0,
    max: 65_535,
    default: 10_253,
  }),
  'health-bind-address': text({
    help: 'Address of that port. On :: the kubelet’s probes and everybody whom the network lets through read, without a password, how the agent itself is: no name of a pod is in it.',
    placeholder: 'ADDRESS',
    default: '::',
  }),
});

const usualDebugPort = 10_252;

/**
 * Where the debug endpoint listens. The pod of an agent on the node's own network has the node's address, and its 127.0.0.1 is
 * every process's: there it is off unless a port was asked for, and so it is in a pod that does not tell both addresses.
 */
export function debugPort(
  given: number | undefined,
  podIp: string | undefined,
  hostIp: string | undefined,
  inPod: boolean,
): number {
  if (given !== undefined) return given;
  if (!podIp || !hostIp) return inPod ? 0 : usualDebugPort;
  return podIp === hostIp ? 0 : usualDebugPort;
}

/** Problems between flags that are well by themselves. */
export const flagRelations = aggregatorRelations;
