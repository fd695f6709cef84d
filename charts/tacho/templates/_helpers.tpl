{{/* What selects the pods of a component. Takes (list $ "component"). */}}
{{- define "tacho.selectorLabels" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: tacho
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{/* Labels of every object of a component. Takes (list $ "component"). */}}
{{- define "tacho.labels" -}}
{{- $root := index . 0 -}}
{{ include "tacho.selectorLabels" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ $root.Chart.Name }}-{{ $root.Chart.Version }}
{{- end -}}

{{/* The image of both programs. Takes $. */}}
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

{{/* What the programs must not do. */}}
{{- define "tacho.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}
