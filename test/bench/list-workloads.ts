/** A Deployment or a StatefulSet of a made-up cluster, with pods of consecutive numbers. */
export interface MadeWorkload {
  readonly namespace: string;
  readonly firstPod: number;
  readonly replicas: number;
  readonly containers: readonly string[];
  podName(pod: number): string;
  labels(pod: number): Record<string, string>;
}

/** The namespace that has exactly as many pods as its benchmark wants. */
export const smallNamespace = 'payments';
export const smallNamespacePods = 100;
/** Two of a hundred pods have it. */
export const rareLabel = 'track=canary';
const rareShare = 0.02;

const words = [
  ...['account', 'basket', 'billing', 'catalogue', 'checkout', 'courier', 'fraud', 'gateway', 'identity'],
  ...['invoice', 'ledger', 'loyalty', 'mailer', 'notify', 'order', 'pricing', 'profile', 'rating', 'report'],
  ...['search', 'session', 'shipping', 'stock', 'tax', 'ticket', 'tracking', 'voucher', 'warehouse'],
];
const roles = ['api', 'worker', 'web', 'queue', 'cron', 'cache', 'sync', 'store'];
const sidecars = ['envoy', 'fluent-bit', 'vault'];
const fewestNamespaces = 50;
const podsPerNamespace = 500;
/** As many as most Deployments have, and some have many. */
const replicaCounts = [1, 2, 2, 3, 3, 5, 8, 20];
/** Every so many workloads are a StatefulSet: their pods' labels are all different. */
const statefulEvery = 8;
/** Letters of the suffixes that Kubernetes makes: nothing that reads as a word. */
const letters = 'bcdfghjklmnpqrstvwxz2456789';

/** Workloads of so many pods in all, in no order. */
export function madeWorkloads(pods: number): readonly MadeWorkload[] {
  const namespaces = Math.max(fewestNamespaces, Math.round(pods / podsPerNamespace));
  const workloads: MadeWorkload[] = [];
  let rarePods = 0;
  for (let firstPod = 0; firstPod < pods; ) {
    const at = workloads.length;
    const isSmall = firstPod < smallNamespacePods;
    const most = isSmall ? smallNamespacePods - firstPod : pods - firstPod;
    const replicas = Math.min(most, replicaCounts[(at * 5) % replicaCounts.length] ?? 1);
    const namespace = isSmall ? smallNamespace : namespaceName(at % (namespaces - 1));
    const isRare = rarePods + replicas <= rareShare * (firstPod + replicas);
    if (isRare) rarePods += replicas;
    workloads.push(madeWorkload({ at, namespace, firstPod, replicas, isRare }));
    firstPod += replicas;
  }
  return workloads;
}

interface Place {
  readonly at: number;
  readonly namespace: string;
  readonly firstPod: number;
  readonly replicas: number;
  readonly isRare: boolean;
}

function madeWorkload({ at, namespace, firstPod, replicas, isRare }: Place): MadeWorkload {
  const [role = '', word = ''] = [roles[at % roles.length], words[(at >> 3) % words.length]];
  const isStateful = at % statefulEvery === statefulEvery - 1;
  // Two Deployments of a namespace differ by the hash of their template, two StatefulSets would not.
  const name = isStateful ? `${word}-${role}-${at.toString(36)}` : `${word}-${role}`;
  const hash = suffix(at * 7_919 + 104_729, 9);
  const podName = (pod: number) =>
    isStateful ? `${name}-${pod - firstPod}` : `${name}-${hash}-${suffix(pod * 104_729, 5)}`;
  const shared = {
    app: name,
    ...(isStateful ? { 'controller-revision-hash': `${name}-${hash}` } : { 'pod-template-hash': hash }),
    ...(isRare && { track: 'canary' }),
  };
  const own = (pod: number) => ({
    'apps.kubernetes.io/pod-index': String(pod - firstPod),
    'statefulset.kubernetes.io/pod-name': podName(pod),
  });
  return {
    ...{ namespace, firstPod, replicas, podName },
    containers: (at >> 3) % 2 === 0 ? [role] : [role, sidecars[at % sidecars.length] ?? ''],
    labels: (pod) => sorted(isStateful ? { ...shared, ...own(pod) } : shared),
  };
}

function namespaceName(index: number): string {
  return `${words[(index * 11) % words.length]}-${index}`;
}

function suffix(seed: number, length: number): string {
  let rest = (Math.imul(seed, 0x9e37_79b1) >>> 0) * 131_071 + seed;
  let text = '';
  for (; text.length < length; rest = Math.floor(rest / letters.length))
    text += letters[rest % letters.length];
  return text;
}

/** As the API server has them. */
function sorted(labels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
