import type { Difference } from './difference.ts';

/** A way in which tacho answers otherwise than metrics-server and means to. */
export interface ExpectedDifference {
  /** One sentence, which docs/differences-from-metrics-server.md has word for word. */
  readonly why: string;
  /** Every one that is given must match. */
  readonly where?: RegExp;
  readonly title?: RegExp;
  readonly tacho?: RegExp;
  readonly metricsServer?: RegExp;
  /** It needs something that not every machine has; without it the difference may be missing. */
  readonly onlyWhere?: string;
}

const probes = /^\S+ \/(?:healthz|livez|readyz)/;
const openApi = /^\S+ \/openapi\//;

/** All that there are. One that no longer occurs fails the test as one does that is not here. */
export const expectedDifferences: readonly ExpectedDifference[] = [
  {
    why: 'tacho serves metrics.k8s.io/v1 beside v1beta1 and prefers it; metrics-server has only v1beta1.',
    where:
      /^body .*(?:versions\[(?:metrics\.k8s\.io\/)?v1\]|preferredVersion\.(?:groupVersion|version)|metrics\.k8s\.io\/v1(?:\/.*)?$|metrics\.v1\.\w+$)/,
    metricsServer: /^(?:\(absent\)|(?:metrics\.k8s\.io\/)?v1beta1)$/,
  },
  {
    why: 'The usage of a node or container that has a swap counter carries `swap`, in Tables as a column of its own.',
    where: /\.usage\.swap$|\.columnDefinitions\[swap\]$/,
    onlyWhere: 'a node counts swap',
  },
  {
    why: 'The usage of a node or container that has a swap counter carries `swap`, in Tables as a column of its own.',
    where: /\.cells$/,
    tacho: /^"[^"]+" (?:<quantity> ){3}<duration>$/,
    metricsServer: /^"[^"]+" (?:<quantity> ){2}<duration>$/,
    onlyWhere: 'a node counts swap',
  },
  {
    why: 'A watch is served to who asks for one; metrics-server refuses it with 405.',
    where: /^status$/,
    title: /[?&]watch\b/,
    // 422 is for a resourceVersion that is none, which nobody reads who refuses every watch.
    tacho: /^(?:200|422) /,
    metricsServer: /^405 /,
  },
  {
    why: 'Aggregated discovery is also served as v2beta1, which kube-apiserver 1.27 to 1.29 asks for.',
    title: /^GET \/apis\S* as .*, accept: \S*v=v2beta1/,
  },
  {
    why: 'The index lists what tacho has, which is other health checks and no debugging.',
    where: /^body \.paths(?:\[| order)/,
  },
  {
    why: '/debug/nodes tells those who may read it what is known of each node.',
    where: /^status$/,
    title: /^GET \/debug\/nodes as /,
    tacho: /^200 /,
    metricsServer: /^404 /,
  },
  {
    why: 'Health checks have names of their own: nodes that reported in place of kubelets that were asked.',
    where: /^body \[(?:\[\+\]|warn: some health checks)/,
    title: probes,
  },
  {
    why: 'Health checks have names of their own: nodes that reported in place of kubelets that were asked.',
    where: /^status$/,
    title: /^GET \/(?:healthz|livez|readyz)\/(?:log|metadata-informer-sync) /,
    tacho: /^404 /,
  },
  {
    why: 'The column Name of a Table describes itself in other words.',
    where: /^body \.columnDefinitions\[Name\]\.description$/,
  },
  {
    why: '/version says tacho’s own version, and of Node where metrics-server says of Go.',
    where: /^body \.(?:major|minor|(?:emulation|minCompatibility)\w+|git\w+|goVersion|compiler)$/,
    title: /^\S+ \/version/,
  },
  {
    why: 'A path that is no valid percent-encoding is answered with a Status instead of plain text.',
    title: /^\S+ \S*%zz as /,
    where: /^(?:header|form|body)/,
    metricsServer: /^(?:400 Bad Request|\(absent\)|text\/plain; charset=utf-8|false)$/,
  },
  {
    why: 'OpenAPI documents come whole and without what has no effect here: watches, shards, kinds of foreign schemas.',
    where:
      /^body \.(?:paths\.\S+\.parameters\[(?:allowWatchBookmarks|sendInitialEvents|shardSelector|watch) in query\]|schemas\.io\.k8s\.apimachinery\.)|^header accept-ranges$/,
    title: openApi,
    tacho: /^(?:\(absent\)|null)$/,
  },
  {
    why: 'An OpenAPI document of a group version that is not there is 404 instead of an empty 200.',
    where: /^status$/,
    title: openApi,
    tacho: /^404 /,
    metricsServer: /^200 ""$/,
  },
  {
    why: '/metrics says in its headers neither how names are escaped nor when the process began.',
    where: /^header (?:content-type|process-start-time-unix)$/,
    title: /^GET \/metrics /,
  },
  {
    why: 'Who may not impersonate is told of the verb `impersonate`; metrics-server names a verb of each request, of a newer rule.',
    where: /^body \.(?:message|details\.\w+)$/,
    title: / as reader as somebody else$/,
    metricsServer: /impersonate[-:]|^[\w.-]+$|^\(absent\)$/,
  },
];

/** The first that covers a difference. */
export function expectationOf(difference: Difference): ExpectedDifference | undefined {
  return expectedDifferences.find(
    ({ where, title, tacho, metricsServer }) =>
      (where?.test(difference.where) ?? true) &&
      (title?.test(difference.title) ?? true) &&
      (tacho?.test(difference.tacho) ?? true) &&
      (metricsServer?.test(difference.metricsServer) ?? true),
  );
}
