import { optionalText, text } from '@tacho/command-line';

/** Where the aggregator stands: its API server, its own objects, its agents. */
export const clusterFlags = {
  kubeconfig: optionalText({
    help: 'How to reach kube-apiserver. Without it the service account of this pod is used.',
    placeholder: 'FILE',
    blank: 'unset',
  }),
  namespace: text({
    help: 'Namespace of the aggregator: where its Services, its Secret and its ConfigMap are.',
    placeholder: 'NAMESPACE',
    default: 'kube-system',
    env: 'POD_NAMESPACE',
  }),
  service: text({
    help: 'Service of the metrics API, which kube-apiserver dials.',
    placeholder: 'NAME',
    default: 'tacho-aggregator',
  }),
  'ingest-service': text({
    help: 'Headless Service of the port that agents push to; its endpoints are the replicas.',
    placeholder: 'NAME',
    default: 'tacho-ingest',
  }),
  'agent-audience': text({
    help: 'Audience that the token of an agent or a puller must be issued for.',
    placeholder: 'AUDIENCE',
    default: 'tacho-aggregator',
  }),
  'agent-service-account': text({
    help: 'Service account that agents must run as.',
    placeholder: 'NAMESPACE/NAME',
    default: 'kube-system/tacho-agent',
  }),
};
