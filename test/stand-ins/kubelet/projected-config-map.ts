import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeObject, ObjectStore } from '../kube-apiserver/object-store.ts';

/** A ConfigMap's keys as files, as a pod sees them. */
export interface ProjectedConfigMap extends Disposable {
  /** Where a key is read; there once the ConfigMap has it. */
  file(key: string): string;
}

/**
 * Shows a ConfigMap in a folder as the kubelet does: all keys at once, by an exchange of the link `..data`, some time after a
 * change. What is changed again meanwhile is shown only as it is then; a ConfigMap that is deleted stays as it was.
 */
export function projectConfigMap(
  store: ObjectStore,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  folder: string,
  delayMs: number,
): ProjectedConfigMap {
  let versions = 0;
  let timer: NodeJS.Timeout | undefined;
  const shown = new Set<string>();
  mkdirSync(folder, { recursive: true });

  const show = () => {
    timer = undefined;
    const object = store.get('configmaps', name, namespace);
    if (object === undefined) return;
    const data = (object['data'] ?? {}) as Readonly<Record<string, string>>;
    const before = `..version-${versions}`;
    versions += 1;
    const now = `..version-${versions}`;
    mkdirSync(join(folder, now));
    for (const [key, text] of Object.entries(data)) writeFileSync(join(folder, now, key), text);
    symlinkSync(now, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    for (const key of Object.keys(data)) {
      if (!shown.has(key)) symlinkSync(join('..data', key), join(folder, key));
      shown.add(key);
    }
    rmSync(join(folder, before), { recursive: true, force: true });
  };
  const concerns = ({ metadata }: KubeObject) => metadata.name === name && metadata.namespace === namespace;
  const unsubscribe = store.subscribe(({ resource, object }) => {
    if (resource === 'configmaps' && concerns(object)) timer ??= setTimeout(show, delayMs);
  });
  show();
  return {
    file: (key) => join(folder, key),
    [Symbol.dispose]() {
      unsubscribe();
      clearTimeout(timer);
    },
  };
}
