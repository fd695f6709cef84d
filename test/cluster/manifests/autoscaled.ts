import type { Cluster } from '../rig/cluster.ts';

export const autoscaledNamespace = 'autoscaled';

const inNamespace = (name: string) => ({ name, namespace: autoscaledNamespace });

/** Answers each request after counting to so many: a fraction of a second of one core's work. */
const serve = `mkdir -p /www/cgi-bin
cat >/www/cgi-bin/count <<'SCRIPT'
#!/bin/sh
i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done
printf 'Content-Type: text/plain\\r\\n\\r\\ncounted\\n'
SCRIPT
chmod +x /www/cgi-bin/count
exec httpd -f -p 8080 -h /www`;

const ask = `echo load starts
for each in 1 2 3 4; do
  while :; do timeout 5 wget -q -O /dev/null "http://$BUSY_SERVICE_HOST/cgi-bin/count" || sleep 0.2; done &
done
wait`;

function deployment(
  cluster: Cluster,
  name: string,
  replicas: number,
  script: string,
  more: object,
  volumes: object[],
) {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: inNamespace(name),
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          terminationGracePeriodSeconds: 0,
          automountServiceAccountToken: false,
          volumes,
          containers: [
            {
              name: 'main',
              image: cluster.busybox,
              imagePullPolicy: 'IfNotPresent',
              command: ['/bin/sh', '-c', script],
              ...more,
            },
          ],
        },
      },
    },
  };
}

function autoscaler(name: string, metric: object) {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: inNamespace(name),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      minReplicas: 1,
      maxReplicas: 3,
      metrics: [metric],
      // Otherwise it waits five minutes before it scales in.
      behavior: { scaleDown: { stabilizationWindowSeconds: 0 } },
    },
  };
}

const halfOfRequest = { type: 'Utilization', averageUtilization: 50 };

/** A server, its autoscaler on CPU, and a load that is off (no replica) until somebody scales it to one. */
export function scaledOnCpu(cluster: Cluster): readonly object[] {
  const resources = { requests: { cpu: '100m' }, limits: { cpu: '200m' } };
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: inNamespace('busy'),
      spec: { selector: { app: 'busy' }, ports: [{ port: 80, targetPort: 8080 }] },
    },
    deployment(cluster, 'busy', 1, serve, { resources, ports: [{ containerPort: 8080 }] }, []),
    deployment(cluster, 'load', 0, ask, { resources: { limits: { cpu: '300m' } } }, []),
    autoscaler('busy', { type: 'Resource', resource: { name: 'cpu', target: halfOfRequest } }),
  ];
}

/** A Deployment whose memory is what is written to /memory, and its autoscaler on that container's memory. */
export function scaledOnMemory(cluster: Cluster): readonly object[] {
  const more = {
    resources: { requests: { memory: '32Mi' } },
    volumeMounts: [{ name: 'memory', mountPath: '/memory' }],
  };
  return [
    deployment(cluster, 'holder', 1, 'exec sleep 1000000', more, [
      { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '100Mi' } },
    ]),
    autoscaler('holder', {
      type: 'ContainerResource',
      containerResource: { name: 'memory', container: 'main', target: halfOfRequest },
    }),
  ];
}
