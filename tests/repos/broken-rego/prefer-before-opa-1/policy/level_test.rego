package kubernetes.settings

test_level {
    count(deny) == 1 with input as {"kind": "ConfigMap", "data": {"LOG_LEVEL": "debug"}}
}
