"""Plain manifests, as kubeconform is used: no reconciler, no environment, every object judged as it stands."""
