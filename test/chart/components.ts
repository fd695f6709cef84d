import { chartFolder, helm } from './chart.ts';

const head = `# tacho, for people without Helm: kubectl apply -f components.yaml. Made of its chart by \`npm run manifests\`.
# First see that nobody else owns the API: kubectl get apiservices v1.metrics.k8s.io v1beta1.metrics.k8s.io
`;

/**
 * All objects of the chart with its defaults, in kube-system, as one text for `kubectl apply`.
 * @param image HOST/PATH:TAG
 * @throws when the image has no tag, or Helm fails
 */
export async function manifests(image: string): Promise<string> {
  const [, repository, tag] = /^([^\s@]+):([\w][\w.-]*)$/.exec(image) ?? [];
  if (repository === undefined || tag === undefined)
    throw new Error(
      `Cannot name the image "${image}": expected HOST/PATH:TAG, such as localhost/tacho:0.1.0`,
    );
  const rendered = await helm(['template', 'tacho', chartFolder, '--namespace', 'kube-system'], {
    image: { repository, tag },
  });
  return head + rendered;
}
