package worker

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain lets a test run a piece of itself in a confined process: what it is to try stands in an argument, since a worker has no environment.
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == "confined" {
		os.Exit(confined(os.Args[2], os.Args[3]))
	}
	os.Exit(m.Run())
}

func confined(attempt, folder string) int {
	network := attempt == "socket with network"
	if err := Confine(&Config{Roots: []string{folder}, Memory: 256 << 20, Network: network}); err != nil {
		_, _ = os.Stdout.WriteString("not confined: " + err.Error())
		return 2
	}
	err := try(attempt, folder)
	if err != nil {
		_, _ = os.Stdout.WriteString(err.Error())
		return 1
	}
	return 0
}

func try(attempt, folder string) error {
	switch attempt {
	case "run a program":
		return exec.Command("/bin/true").Run()
	case "socket", "socket with network":
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err == nil {
			_ = listener.Close()
		}
		return err
	case "datagram":
		_, err := net.Dial("udp", "127.0.0.1:53")
		return err
	case "read inside":
		_, err := os.ReadFile(filepath.Join(folder, "inside"))
		return err
	case "environment":
		if len(os.Environ()) > 0 {
			return errors.New(strings.Join(os.Environ(), " "))
		}
		return nil
	case "many small":
		var kept [][]byte
		for {
			kept = append(kept, make([]byte, 1<<20))
			for i := range kept[len(kept)-1] {
				kept[len(kept)-1][i] = 1
			}
		}
	case "one big":
		big := make([]byte, 64<<30)
		big[0] = 1
	}
	return nil
}

func TestAConfinedWorkerCannot(t *testing.T) {
	for attempt, c := range map[string]struct {
		code int
		says string
	}{
		"run a program": {1, "operation not permitted"}, "socket": {1, "operation not permitted"}, "datagram": {1, "operation not permitted"},
		"many small": {ExitMemory, "out of memory"}, "one big": {2, "out of memory"},
		"socket with network": {0, ""}, "read inside": {0, ""}, "environment": {0, ""},
	} {
		t.Run(attempt, func(t *testing.T) {
			folder := t.TempDir()
			if err := os.WriteFile(filepath.Join(folder, "inside"), []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
			t.Setenv("CI_JOB_TOKEN", "hunter2")
			output, _ := exec.Command(os.Args[0], "confined", attempt, folder).CombinedOutput()
			run := exec.Command(os.Args[0], "confined", attempt, folder)
			_ = run.Run()
			if code := run.ProcessState.ExitCode(); code != c.code || !strings.Contains(string(output), c.says) {
				t.Errorf("exit %d, want %d: %.300s", code, c.code, output)
			}
		})
	}
}
