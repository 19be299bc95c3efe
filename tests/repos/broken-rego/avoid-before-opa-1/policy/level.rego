package kubernetes.settings

deny[{"msg": msg}] {
    input.kind == "ConfigMap"
    input.data.LOG_LEVEL == level # finding
    msg := "it is too talkative"
}
