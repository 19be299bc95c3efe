package kubernetes.settings

violation_level[{"msg": msg}] {
    input.kind == "ConfigMap"
    input.data.LOG_LEVEL == "debug"
    msg := "it is too talkative"
}
