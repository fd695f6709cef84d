/** Every flag that metrics-server 0.9.0 has, as its --help names them; --version and --help aside. */
export const metricsServerFlags: readonly string[] = `
kubeconfig metric-resolution advertise-address cors-allowed-origins emulated-version
emulation-forward-compatible external-hostname feature-gates goaway-chance livez-grace-period
max-mutating-requests-inflight max-requests-inflight min-compatibility-version min-request-timeout
request-timeout runtime-config-emulation-forward-compatible shutdown-delay-duration
shutdown-send-retry-after shutdown-watch-termination-grace-period storage-initialization-timeout
strict-transport-security-directives deprecated-kubelet-completely-insecure
kubelet-certificate-authority kubelet-client-certificate kubelet-client-key kubelet-insecure-tls
kubelet-port kubelet-preferred-address-types kubelet-request-timeout kubelet-use-node-status-port
node-selector bind-address cert-dir disable-http2-serving http2-max-streams-per-connection
permit-address-sharing permit-port-sharing secure-port tls-cert-file tls-cipher-suites
tls-curve-preferences tls-min-version tls-private-key-file tls-sni-cert-key
authentication-kubeconfig authentication-skip-lookup authentication-token-webhook-cache-ttl
authentication-tolerate-lookup-failure client-ca-file requestheader-allowed-names
requestheader-client-ca-file requestheader-extra-headers-prefix requestheader-group-headers
requestheader-uid-headers requestheader-username-headers authorization-always-allow-paths
authorization-kubeconfig authorization-webhook-cache-authorized-ttl
authorization-webhook-cache-unauthorized-ttl audit-log-batch-buffer-size audit-log-batch-max-size
audit-log-batch-max-wait audit-log-batch-throttle-burst audit-log-batch-throttle-enable
audit-log-batch-throttle-qps audit-log-compress audit-log-format audit-log-maxage
audit-log-maxbackup audit-log-maxsize audit-log-mode audit-log-path audit-log-truncate-enabled
audit-log-truncate-max-batch-size audit-log-truncate-max-event-size audit-log-version
audit-policy-file audit-webhook-batch-buffer-size audit-webhook-batch-max-size
audit-webhook-batch-max-wait audit-webhook-batch-throttle-burst audit-webhook-batch-throttle-enable
audit-webhook-batch-throttle-qps audit-webhook-config-file audit-webhook-initial-backoff
audit-webhook-mode audit-webhook-truncate-enabled audit-webhook-truncate-max-batch-size
audit-webhook-truncate-max-event-size audit-webhook-version contention-profiling debug-socket-path
enable-priority-and-fairness profiling log-flush-frequency log-json-info-buffer-size
log-json-split-stream log-text-info-buffer-size log-text-split-stream logging-format v vmodule
`
  .trim()
  .split(/\s+/);
