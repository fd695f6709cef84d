import { type ChartObject, namespace } from './chart.ts';
import type { Right } from './rbac-table.ts';

interface Rule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

interface Role extends ChartObject {
  readonly rules: readonly Rule[];
}

interface Binding extends ChartObject {
  readonly roleRef: { readonly apiGroup: string; readonly kind: string; readonly name: string };
  readonly subjects: readonly { readonly kind: string; readonly name: string; readonly namespace: string }[];
}

/**
 * Roles that every API server makes for extension servers, by kind and name, as Kubernetes 1.37 has them (bootstrappolicy in
 * its plugin for RBAC).
 */
const ofKubernetes: Readonly<Record<string, readonly Rule[]>> = {
  'ClusterRole system:auth-delegator': [
    { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
    { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
  ],
  'Role extension-apiserver-authentication-reader': [
    {
      apiGroups: [''],
      resources: ['configmaps'],
      resourceNames: ['extension-apiserver-authentication'],
      verbs: ['get', 'list', 'watch'],
    },
  ],
};

const aggregation = 'rbac.authorization.k8s.io/aggregate-to-';

/**
 * Every right that the rendered roles and bindings grant, one for each resource.
 * @throws for a binding to a role that neither the chart nor Kubernetes has, and for a role that nobody has
 */
export function grantedRights(objects: readonly ChartObject[]): Right[] {
  const bindings = objects.filter(({ kind }) => kind.endsWith('RoleBinding')) as Binding[];
  const roles = objects.filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole') as Role[];
  const bound = bindings.flatMap((binding) => {
    const grantedBy = `${binding.roleRef.kind} ${binding.roleRef.name}`;
    const where = placeOf(binding.metadata.namespace);
    const role = roles.find(
      ({ kind, metadata }) =>
        `${kind} ${metadata.name}` === grantedBy &&
        (kind === 'ClusterRole' || metadata.namespace === binding.metadata.namespace),
    );
    const rules = role?.rules ?? ofKubernetes[grantedBy];
    if (!rules) throw new Error(`${binding.kind} ${binding.metadata.name} binds ${grantedBy}: no such role`);
    return binding.subjects.flatMap((subject) =>
      rightsOf(rules, {
        actor:
          subject.kind === 'ServiceAccount' && subject.namespace === namespace
            ? subject.name
            : `${subject.kind} ${subject.namespace}/${subject.name}`,
        where,
        grantedBy,
      }),
    );
  });
  const unbound = roles.filter(
    ({ kind, metadata }) =>
      !bindings.some(({ roleRef }) => roleRef.kind === kind && roleRef.name === metadata.name),
  );
  const aggregated = unbound.flatMap(({ kind, metadata, rules }) => {
    const actors = ['view', 'edit', 'admin'].filter((name) => metadata.labels[aggregation + name] === 'true');
    if (actors.length === 0) throw new Error(`${kind} ${metadata.name} is granted to nobody`);
    const grantedBy = `${kind} ${metadata.name}`;
    return rightsOf(rules, { actor: actors.join(', '), where: 'where they are bound', grantedBy });
  });
  return [...bound, ...aggregated];
}

function rightsOf(rules: readonly Rule[], grant: Pick<Right, 'actor' | 'where' | 'grantedBy'>): Right[] {
  return rules.flatMap(
    ({ apiGroups = [], resources = [], nonResourceURLs = [], resourceNames = [], verbs }) => {
      const rest = { names: [...resourceNames].sort(), verbs: [...verbs].sort() };
      return [
        ...apiGroups.flatMap((group) =>
          resources.map((object) => ({ ...grant, group: group || 'core', object, ...rest })),
        ),
        ...nonResourceURLs.map((object) => ({ ...grant, group: 'path', object, ...rest })),
      ];
    },
  );
}

function placeOf(bindingNamespace: string | undefined): string {
  if (bindingNamespace === undefined) return 'cluster';
  return bindingNamespace === namespace ? 'its namespace' : bindingNamespace;
}
