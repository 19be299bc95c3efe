{{- define "model-registry.selector" -}}
app.kubernetes.io/name: model-registry
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
