import type { Document } from '../protocol/document.ts';
import { messageType, protobufBody } from '../protocol/k8s-protobuf.ts';
import { groupName, groupVersion, resources, versions } from '../protocol/metrics-group.ts';
import { goJson } from '../text/go-json.ts';

/** `/apis`. `serverAddress` is `:PORT`, where this server listens. */
export function apiGroupList(serverAddress: string): Document {
  const serverAddressByClientCIDRs = [{ clientCIDR: '0.0.0.0/0', serverAddress }];
  const groups = [{ ...group(), serverAddressByClientCIDRs }];
  return {
    // No apiVersion: Kubernetes' own library leaves it out of this one document.
    json: () => goJson({ kind: 'APIGroupList', groups }),
    protobuf: () => protobufBody('', 'APIGroupList', messageType('APIGroupList').encode({ groups }).finish()),
  };
}

/** `/apis/metrics.k8s.io` */
export function apiGroup(): Document {
  return {
    json: () => goJson({ kind: 'APIGroup', apiVersion: 'v1', ...group() }),
    protobuf: () => protobufBody('v1', 'APIGroup', messageType('APIGroup').encode(group()).finish()),
  };
}

/** `/apis/metrics.k8s.io/VERSION`. An empty singularName lets clients derive "podmetrics" from the kind. */
export function apiResourceList(version: string, verbs: readonly string[]): Document {
  return {
    json: () =>
      goJson({
        kind: 'APIResourceList',
        apiVersion: 'v1',
        groupVersion: groupVersion(version),
        resources: resources.map(({ name, namespaced, kind }) => ({
          name,
          singularName: '',
          namespaced,
          kind,
          verbs,
        })),
      }),
    protobuf: () => {
      const empty = { singularName: '', group: '', version: '', storageVersionHash: '' };
      const message = messageType('APIResourceList').encode({
        groupVersion: groupVersion(version),
        resources: resources.map(({ name, namespaced, kind }) => ({
          name,
          namespaced,
          kind,
          verbs: { items: verbs },
          ...empty,
        })),
      });
      return protobufBody('v1', 'APIResourceList', message.finish());
    },
  };
}

function group() {
  const listed = versions.map((version) => ({ groupVersion: groupVersion(version), version }));
  return { name: groupName, versions: listed, preferredVersion: listed[0] };
}
