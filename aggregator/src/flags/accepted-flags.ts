import { accepted } from '@tacho/command-line';

/** Flags of metrics-server 0.9 that mean nothing here, so that a deployment's arguments can stay as they are. */
export const acceptedFlags = {
  ...accepted('no kubelet is asked: agents push', {
    bare: ['deprecated-kubelet-completely-insecure', 'kubelet-insecure-tls', 'kubelet-use-node-status-port'],
    valued: [
      'kubelet-certificate-authority',
      'kubelet-client-certificate',
      'kubelet-client-key',
      'kubelet-port',
      'kubelet-preferred-address-types',
      'kubelet-request-timeout',
    ],
  }),
  ...accepted('HTTP/1.1 is served', {
    bare: ['disable-http2-serving'],
    valued: ['goaway-chance', 'http2-max-streams-per-connection'],
  }),
  ...accepted('sockets are opened as Node.js does it', {
    bare: ['permit-address-sharing', 'permit-port-sharing'],
  }),
  ...accepted('there is no Go profile', {
    bare: ['contention-profiling', 'profiling'],
    valued: ['debug-socket-path'],
  }),
  ...accepted('bounds of requests are fixed', {
    bare: ['enable-priority-and-fairness'],
    valued: [
      'max-mutating-requests-inflight',
      'max-requests-inflight',
      'min-request-timeout',
      'request-timeout',
    ],
  }),
  ...accepted('health and the end are those of this program', {
    bare: ['shutdown-send-retry-after'],
    valued: [
      'livez-grace-period',
      'shutdown-watch-termination-grace-period',
      'storage-initialization-timeout',
    ],
  }),
  ...accepted('there are no feature gates and no versions to emulate', {
    bare: ['emulation-forward-compatible', 'runtime-config-emulation-forward-compatible'],
    valued: ['emulated-version', 'feature-gates', 'min-compatibility-version'],
  }),
  ...accepted('only kube-apiserver calls, at the Service’s address', {
    valued: [
      'advertise-address',
      'cors-allowed-origins',
      'external-hostname',
      'strict-transport-security-directives',
    ],
  }),
  ...accepted('there is no audit log: kube-apiserver’s has the requests', {
    bare: [
      'audit-log-batch-throttle-enable',
      'audit-log-compress',
      'audit-log-truncate-enabled',
      'audit-webhook-batch-throttle-enable',
      'audit-webhook-truncate-enabled',
    ],
    valued: [
      'audit-log-batch-buffer-size',
      'audit-log-batch-max-size',
      'audit-log-batch-max-wait',
      'audit-log-batch-throttle-burst',
      'audit-log-batch-throttle-qps',
      'audit-log-format',
      'audit-log-maxage',
      'audit-log-maxbackup',
      'audit-log-maxsize',
      'audit-log-mode',
      'audit-log-path',
      'audit-log-truncate-max-batch-size',
      'audit-log-truncate-max-event-size',
      'audit-log-version',
      'audit-policy-file',
      // Deprecated, so not in metrics-server's --help.
      'audit-webhook-batch-initial-backoff',
      'audit-webhook-batch-buffer-size',
      'audit-webhook-batch-max-size',
      'audit-webhook-batch-max-wait',
      'audit-webhook-batch-throttle-burst',
      'audit-webhook-batch-throttle-qps',
      'audit-webhook-config-file',
      'audit-webhook-initial-backoff',
      'audit-webhook-mode',
      'audit-webhook-truncate-max-batch-size',
      'audit-webhook-truncate-max-event-size',
      'audit-webhook-version',
    ],
  }),
};
