import { createHash } from 'node:crypto';
import type { ApiRequest, ApiResponse } from '../protocol/api-message.ts';
import { type Document, respond } from '../protocol/document.ts';
import { emptyListMeta, messageType, protobufBody } from '../protocol/k8s-protobuf.ts';
import { groupName, resources, versions } from '../protocol/metrics-group.ts';
import type { Allowed, OutputForm, Transform } from '../protocol/negotiation.ts';
import { goJson } from '../text/go-json.ts';

const discoveryGroup = 'apidiscovery.k8s.io';
const kind = 'APIGroupDiscoveryList';

/** Content-Type must name the document exactly, or kube-apiserver falls back to the plain ones. */
export const aggregatedDiscoveryTransforms: Allowed = (_mediaType, transform) =>
  transform?.kind === kind &&
  transform.group === discoveryGroup &&
  // v2beta1 is what kube-apiserver 1.27 to 1.29 asks for; the content is the same.
  (transform.version === 'v2' || transform.version === 'v2beta1');

/** Answers `/apis` to those who want everything in one document, or 304 to those who have it. */
export function respondAggregatedDiscovery(
  request: ApiRequest,
  form: OutputForm & { readonly transform: Transform },
  verbs: readonly string[],
): ApiResponse {
  const { version } = form.transform;
  const document = aggregatedDiscovery(`${discoveryGroup}/${version}`, verbs);
  const digest = createHash('sha512').update(document.json()).digest('hex').toUpperCase();
  const headers = { 'Cache-Control': 'public', Vary: 'Accept', Etag: `"${digest}"` };
  if (request.header('if-none-match') === headers.Etag) return { status: 304, headers, body: '' };
  return respond(200, document, form, headers, `;g=${discoveryGroup};v=${version};as=${kind}`);
}

function aggregatedDiscovery(apiVersion: string, verbs: readonly string[]): Document {
  const discovered = versions.map((version) => versionDiscovery(version, verbs));
  return {
    json: () => {
      const items = [{ metadata: { name: groupName }, versions: discovered }];
      return goJson({ kind, apiVersion, metadata: {}, items });
    },
    protobuf: () => {
      // Go holds these by value and so writes them even when they are empty.
      const empty = { generateName: '', namespace: '', selfLink: '', uid: '', resourceVersion: '' };
      const metadata = { name: groupName, ...empty, generation: 0, creationTimestamp: {} };
      const items = [{ metadata, versions: discovered }];
      return protobufBody(
        apiVersion,
        kind,
        messageType(kind).encode({ metadata: emptyListMeta, items }).finish(),
      );
    },
  };
}

/** responseKind must be there with a kind: clients panicked without. Empty group and version mean "as the list". */
function versionDiscovery(version: string, verbs: readonly string[]) {
  return {
    version,
    resources: resources.map((resource) => ({
      resource: resource.name,
      responseKind: { group: '', version: '', kind: resource.kind },
      scope: resource.namespaced ? 'Namespaced' : 'Cluster',
      singularResource: '',
      verbs,
    })),
    freshness: 'Current',
  };
}
