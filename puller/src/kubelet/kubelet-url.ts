import { isIP, isIPv6 } from 'node:net';
import type { NodeToPull } from '@tacho/proto';
import { PullFailed } from './pull-problem.ts';

/** Kinds of addresses in a node's status. */
export const addressTypes = ['Hostname', 'InternalDNS', 'InternalIP', 'ExternalDNS', 'ExternalIP'] as const;

/** Which of a node's addresses and ports is taken, as metrics-server's flags of these names say. */
export interface KubeletPlace {
  readonly preferredAddressTypes: readonly string[];
  readonly port: number;
  /** The port of the node's status goes before, where it has one. */
  readonly useNodeStatusPort: boolean;
}

/** Where the node's kubelet is asked: `https://host:port`. @throws PullFailed where the node has no address of these types */
export function kubeletOrigin(
  node: NodeToPull,
  { preferredAddressTypes, port, useNodeStatusPort }: KubeletPlace,
): string {
  for (const type of preferredAddressTypes) {
    for (const each of node.addresses) {
      if (each.type !== type || !isHost(each.address)) continue;
      const host = isIPv6(each.address) ? `[${each.address}]` : each.address;
      const own = useNodeStatusPort ? node.kubeletPort : undefined;
      return `https://${host}:${isPort(own) ? own : port}`;
    }
  }
  const had = [...new Set(node.addresses.map(({ type }) => type))].filter(isType).join(', ') || 'none';
  throw new PullFailed(
    'no address',
    `of the types ${preferredAddressTypes.join(', ')} the node has no address (it has: ${had}): --kubelet-preferred-address-types may name others`,
  );
}

function isHost(text: string): boolean {
  return isIP(text) !== 0 || (text.length <= 253 && /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(text));
}

function isPort(port: number | undefined): port is number {
  return Number.isInteger(port) && Number(port) >= 1 && Number(port) <= 65_535;
}

function isType(type: string): boolean {
  return (addressTypes as readonly string[]).includes(type);
}
