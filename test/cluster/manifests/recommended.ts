import type { Cluster } from '../rig/cluster.ts';

export const recommendedNamespace = 'recommended';

/** What the busy container may burn, and burns where the machine has it to spare. */
export const limitCores = 0.2;

const inNamespace = (name: string) => ({ name, namespace: recommendedNamespace });

/** A Deployment that is always at its CPU limit, and a VerticalPodAutoscaler that only recommends. */
export function recommendedObjects(cluster: Cluster): readonly object[] {
  const labels = { app: 'busy' };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: recommendedNamespace } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: inNamespace('busy'),
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            terminationGracePeriodSeconds: 0,
            automountServiceAccountToken: false,
            containers: [
              {
                name: 'main',
                image: cluster.busybox,
                imagePullPolicy: 'IfNotPresent',
                command: ['/bin/sh', '-c', 'while :; do :; done'],
                // Far from what it burns, so that a recommendation is not mistaken for the request.
                resources: {
                  requests: { cpu: '10m', memory: '8Mi' },
                  limits: { cpu: `${limitCores * 1000}m` },
                },
              },
            ],
          },
        },
      },
    },
    {
      apiVersion: 'autoscaling.k8s.io/v1',
      kind: 'VerticalPodAutoscaler',
      metadata: inNamespace('busy'),
      spec: {
        targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'busy' },
        updatePolicy: { updateMode: 'Off' },
      },
    },
  ];
}
