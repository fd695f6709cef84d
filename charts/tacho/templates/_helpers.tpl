{{/* What selects the pods of a component. Takes (list $ "component"). */}}
{{- define "tacho.selectorLabels" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: tacho
app.kubernetes.io/instance: {{ $root.Release.Name | quote }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{/* Labels of every object of a component. Takes (list $ "component"). */}}
{{- define "tacho.labels" -}}
{{- $root := index . 0 -}}
{{ include "tacho.selectorLabels" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
{{- /* Flux packs charts with build metadata, whose plus no label may have. */}}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The image of all programs. Takes $. */}}
{{- define "tacho.image" -}}
{{- $repository := required "image.repository is not set: no image of tacho is published yet. Build one with `npm run image`, bring it to the nodes or to a registry, and give its name" .Values.image.repository -}}
{{- if .Values.image.digest -}}
{{ $repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ $repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{/* Who the programs run as; 65532 is also the user that the image names. */}}
{{- define "tacho.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* Where the CA is that the aggregator's certificate chains to, as a key of a Secret or ConfigMap. Takes $. */}}
{{- define "tacho.caKind" -}}
{{- if eq .Values.tls.type "cert-manager" -}}secret{{- else -}}configMap{{- end -}}
{{- end -}}
{{- define "tacho.caName" -}}
{{- if eq .Values.tls.type "cert-manager" -}}tacho-agent-trust{{- else -}}tacho-aggregator-ca{{- end -}}
{{- end -}}

{{/* What APIServices have in common: who answers, and by whose word he is believed. Takes $. */}}
{{- define "tacho.apiServiceAnnotations" -}}
{{- if or .Values.apiService.annotations (eq .Values.tls.type "cert-manager") -}}
annotations:
  {{- if eq .Values.tls.type "cert-manager" }}
  cert-manager.io/inject-ca-from: {{ .Release.Namespace }}/tacho-aggregator
  {{- end }}
  {{- with .Values.apiService.annotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}
{{- end -}}
{{- define "tacho.apiServiceTarget" -}}
service:
  name: tacho-aggregator
  namespace: {{ .Release.Namespace }}
  port: 443
{{- with .Values.apiService.caBundle }}
caBundle: {{ b64enc . }}
{{- end }}
{{- end -}}

{{/* Who issues tacho's certificates. Takes $. */}}
{{- define "tacho.issuerRef" -}}
group: cert-manager.io
{{- if .Values.tls.certManager.existingIssuer.enabled }}
kind: {{ .Values.tls.certManager.existingIssuer.kind }}
name: {{ .Values.tls.certManager.existingIssuer.name }}
{{- else }}
kind: Issuer
name: tacho-ca
{{- end }}
{{- end -}}

{{/* How long a certificate lasts. Takes $. */}}
{{- define "tacho.certificateTimes" -}}
{{- with .Values.tls.certManager.duration }}
duration: {{ . }}
{{- end }}
{{- with .Values.tls.certManager.renewBefore }}
renewBefore: {{ . }}
{{- end }}
{{- end -}}

{{/* What the programs must not do. */}}
{{- define "tacho.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Who has the API that tacho would take, and the two ways from there. Takes (list APIService its-service). */}}
{{- define "tacho.otherOwner" -}}
{{- $apiService := index . 0 -}}
{{- $service := index . 1 -}}
{{- $annotations := $apiService.metadata.annotations | default dict -}}
{{- $release := index $annotations "meta.helm.sh/release-name" -}}
{{- $releaseNamespace := index $annotations "meta.helm.sh/release-namespace" -}}
{{- $namespace := $service.namespace | default "kube-system" -}}
the APIService {{ $apiService.metadata.name }} belongs to somebody else: it leads to the Service {{ $service.namespace }}/{{ $service.name }}
{{- with $release }} of the Helm release {{ . }} in the namespace {{ $releaseNamespace }}{{ end }}. Nothing was changed. There are two ways:

1. Replace it. From the first command on until tacho is up, about a minute, `kubectl top` says "Metrics API not available" and
   autoscalers leave everything as large as it is. Then install tacho as you just did.
{{ if $release }}
     helm uninstall {{ $release }} -n {{ $releaseNamespace }} --wait
{{ else }}
     kubectl delete apiservice {{ $apiService.metadata.name }}
     kubectl -n {{ $namespace }} delete service,deployment {{ $service.name }}
{{ end }}
   A platform that installs its own puts it back: k3s does so until its server runs with --disable=metrics-server, minikube until
   `minikube addons disable metrics-server`; on GKE and AKS it cannot be removed, and only the second way is open.

2. Run beside it, and answer v1 only, which clients of Kubernetes 1.37 and newer prefer; all others go on asking the other one:

     --set 'apiService.versions={v1}'
{{ end -}}

{{/* What scrapes the health port of a component's pods. Takes (list $ "component"). */}}
{{- define "tacho.podMonitor" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata:
  name: tacho-{{ $component }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "tacho.labels" . | nindent 4 }}
    {{- with $root.Values.podMonitor.additionalLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  selector:
    matchLabels:
      {{- include "tacho.selectorLabels" . | nindent 6 }}
  podMetricsEndpoints:
    - port: health
      path: /metrics
      interval: {{ $root.Values.podMonitor.interval }}
      scrapeTimeout: {{ $root.Values.podMonitor.scrapeTimeout }}
      {{- with $root.Values.podMonitor.metricRelabelings }}
      metricRelabelings:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $root.Values.podMonitor.relabelings }}
      relabelings:
        {{- toYaml . | nindent 8 }}
      {{- end }}
{{- end -}}
