package kubernetes.settings

deny[{"msg": msg}] {
    input.kind == "ConfigMap"
    input.data.LOG_LEVEL == "debug"
    msg := "it is too talkative"
}
