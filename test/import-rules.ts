/** Files of `from` must not import what `forbidden` matches: paths in the repository, or names of packages. */
export interface ImportRule {
  readonly why: string;
  readonly from: RegExp;
  readonly forbidden: RegExp;
  /** Paths of the files that may. */
  readonly except?: readonly string[];
}

/** What must not know what, and why. */
export const rules: readonly ImportRule[] = [
  {
    why: 'the programs share a contract, not code',
    from: /^agent\//,
    forbidden: /^(?:(?:aggregator|puller)\/|@tacho\/(?:aggregator|puller))/,
  },
  {
    why: 'the programs share a contract, not code',
    from: /^aggregator\//,
    forbidden:
      /^(?:(?:agent|listener|puller|push)\/|@tacho\/(?:agent|listener|puller|push)|node-cgroup-stats)/,
  },
  {
    why: 'the programs share a contract, not code',
    from: /^puller\//,
    forbidden: /^(?:(?:agent|aggregator)\/|@tacho\/(?:agent|aggregator)|node-cgroup-stats)/,
  },
  { why: 'what is shipped knows no test', from: /^/, forbidden: /^test\// },
  {
    why: 'node-cgroup-stats has no dependency and has never heard of Kubernetes',
    from: /^agent\/node-cgroup-stats\/src\//,
    forbidden: /^(?!agent\/node-cgroup-stats\/|node:)/,
  },
  {
    why: 'the contract stands below the programs',
    from: /^proto\//,
    forbidden: /^(?:(?:agent|aggregator|command-line|listener|puller|push)\/|@tacho\/|node-cgroup-stats)/,
  },
  {
    why: 'flags stand below the programs',
    from: /^command-line\//,
    forbidden: /^(?:(?:agent|aggregator|listener|proto|puller|push)\/|@tacho\/|node-cgroup-stats)/,
  },
  {
    why: 'the image takes the programs as files',
    from: /^image\//,
    forbidden:
      /^(?:(?:agent|aggregator|listener|proto|puller|push)\/|@tacho\/(?!command-line)|node-cgroup-stats)/,
  },
  { why: 'programs do not know how they are packed', from: /^(?!image\/)/, forbidden: /^image\// },
  {
    why: 'rates are arithmetic',
    from: /^agent\/src\/usage\//,
    forbidden: /^(?:node[:-]|agent\/src\/(?!usage\/)|@)/,
  },
  {
    why: 'names know nothing of rates and streams',
    from: /^agent\/src\/pods\//,
    forbidden: /^agent\/src\/(?!(?:pods)\/)/,
  },
  {
    why: 'signals know nothing of names, ticks, streams and of who looks at them',
    from: /^agent\/src\/signals\//,
    forbidden: /^(?:agent\/src\/(?!signals\/)|@|express)/,
  },
  {
    why: 'who names containers knows nothing of rates and streams',
    from: /^agent\/src\/identity\//,
    forbidden: /^(?:agent\/src\/(?!(?:identity|pods)\/)|node-cgroup-stats|express|@grpc)/,
  },
  {
    why: 'of the agent only the names from the API know the client, loaded where they are asked for',
    from: /^agent\//,
    forbidden: /^@kubernetes\/|^agent\/src\/identity\/(?:follow-pods|node-pods)\.ts$/,
    except: [
      'agent/src/identity/node-pods.ts',
      'agent/src/identity/follow-pods.ts',
      'agent/src/identity/open-names.ts',
    ],
  },
  {
    why: 'the debug endpoint shows what it is handed',
    from: /^agent\/src\/debug\//,
    forbidden: /^(?:agent\/src\/(?!(?:debug|usage|signals)\/)|node-cgroup-stats)/,
  },
  {
    why: 'the page runs in a browser, beside types of what it is sent',
    from: /^agent\/src\/debug\/page\/browser\//,
    forbidden: /^(?!agent\/src\/(?:debug\/page\/browser\/|debug\/[^/]+$|signals\/signal-values\.ts$)|uplot$)/,
  },
  {
    why: 'listening knows nothing of what is served',
    from: /^listener\//,
    forbidden:
      /^(?:express|(?:agent|aggregator|puller|proto|push)\/|node-cgroup-stats|@(?!tacho\/command-line))/,
  },
  {
    why: 'health is told; it looks at nothing of the agent itself',
    from: /^agent\/src\/health\//,
    forbidden: /^(?:express|agent\/src\/(?!health\/)|node-cgroup-stats|@(?!tacho\/command-line))/,
  },
  {
    why: 'it is asked and serves nobody',
    from: /^agent\/src\/state\//,
    forbidden: /^(?:agent\/src\/(?:explain|identity|health)\/|listener\/|@grpc|express)/,
  },
  {
    why: 'it is a client of the endpoint',
    from: /^agent\/src\/explain\//,
    forbidden:
      /^(?:agent\/src\/(?!(?:explain|debug|signals)\/)|@(?!tacho\/command-line)|node-cgroup-stats|express)/,
  },
  {
    why: 'where a tree is says nothing of who reads it',
    from: /^agent\/src\/layout\//,
    forbidden: /^(?:agent\/src\/(?!(?:layout|pods)\/)|@|express)/,
  },
  {
    why: 'a tick knows nothing of streams and of who looks at it',
    from: /^agent\/src\/sampling\//,
    forbidden: /^(?:agent\/src\/(?!(?:sampling|layout|pods|usage)\/)|@grpc|express)/,
  },
  {
    why: 'of the agent only what puts it together, its flags and its state know of streams',
    from: /^agent\/src\/(?!agent|flags|state\/)/,
    forbidden: /^(?:push\/|@tacho\/push)/,
  },
  {
    why: 'pushing stands below the programs that push, and knows nothing of what they measure',
    from: /^push\//,
    forbidden:
      /^(?:(?:agent|aggregator|listener|puller)\/|@tacho\/(?:agent|aggregator|listener|puller)|node-cgroup-stats)/,
  },
  {
    why: 'asking a kubelet knows nothing of when it is asked and of who is told',
    from: /^puller\/src\/kubelet\//,
    forbidden:
      /^(?:@grpc|listener\/|puller\/src\/(?!(?:kubelet|exposition|usage)\/)|push\/src\/(?!token-file\.ts$))/,
  },
  {
    why: 'only what asks kubelets knows the client',
    from: /^(?!puller\/src\/kubelet\/)/,
    forbidden: /^undici$/,
  },
  {
    why: 'rates are arithmetic',
    from: /^puller\/src\/usage\//,
    forbidden: /^(?:node:|@(?!tacho\/proto$)|undici$|puller\/src\/(?!(?:usage|exposition)\/))/,
  },
  {
    why: 'a text says nothing of where it comes from',
    from: /^puller\/src\/exposition\//,
    forbidden: /^(?:node:|@|undici$|puller\/src\/(?!exposition\/))/,
  },
  {
    why: 'the API is values in, values out',
    from: /^aggregator\/src\/api\//,
    forbidden: /^(?:node:(?!buffer$|crypto$)|express|@grpc|@kubernetes|aggregator\/src\/(?!api\/))/,
  },
  {
    why: 'who pulls what is arithmetic',
    from: /^aggregator\/src\/pulling\//,
    forbidden: /^(?:node:|express|@(?!tacho\/proto$)|aggregator\/src\/(?!(?:pulling|snapshot)\/))/,
  },
  {
    why: 'flags are words in, values out',
    from: /^aggregator\/src\/flags\//,
    forbidden: /^(?:node:|express|@grpc|@kubernetes|aggregator\/src\/(?!(?:flags|api|identity|serving)\/))/,
  },
  {
    why: 'following files knows nothing of what is in them',
    from: /^aggregator\/src\/files\//,
    forbidden: /^(?!node:(?:fs|path)$|aggregator\/src\/files\/)/,
  },
  {
    why: 'the snapshot knows no socket',
    from: /^aggregator\/src\/snapshot\//,
    forbidden: /^(?:node:|express|@grpc)/,
  },
  {
    why: 'who asks is settled before anything is served',
    from: /^aggregator\/src\/identity\//,
    forbidden: /^(?:express|@|aggregator\/src\/(?!(?:identity|api|kube|files)\/))/,
  },
  {
    why: 'what follows the cluster serves nobody',
    from: /^aggregator\/src\/kube\//,
    forbidden: /^aggregator\/src\/(?!kube\/)/,
  },
  {
    why: 'ingest ends at the snapshot',
    from: /^aggregator\/src\/ingest\//,
    forbidden: /^aggregator\/src\/(?:api|serving|identity)\//,
  },
  {
    why: 'own metrics are told; they look at nothing of the aggregator themselves',
    from: /^aggregator\/src\/metrics\//,
    forbidden: /^(?:node:(?!crypto$)|express|@grpc|aggregator\/src\/(?!metrics\/))/,
  },
  {
    why: 'only the metrics know the library that prints them',
    from: /^(?!aggregator\/src\/metrics\/)/,
    forbidden: /^prom-client$/,
    except: ['listener/src/told-metrics.ts'],
  },
  {
    why: 'only the adapters know express',
    from: /^/,
    forbidden: /^express$/,
    except: ['aggregator/src/serving/api-server.ts', 'agent/src/debug/debug-app.ts'],
  },
  {
    why: 'kernel files are opened in one place',
    from: /^agent\/node-cgroup-stats\/src\//,
    forbidden: /^node:fs/,
    except: ['agent/node-cgroup-stats/src/file-calls.ts', 'agent/node-cgroup-stats/src/host-filesystem.ts'],
  },
];
