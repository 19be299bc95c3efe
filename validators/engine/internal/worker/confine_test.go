//go:build linux

package worker

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain lets a test run a piece of itself in a confined process: what it is to try stands in an argument, since a worker has no environment.
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == "confined" {
		os.Exit(confined(os.Args[2], os.Args[3]))
	}
	os.Exit(m.Run())
}

func confined(attempt, folder string) int {
	config := &Config{Roots: []string{filepath.Join(folder, "root")}, Charts: filepath.Join(folder, "charts"), Memory: 256 << 20, Network: strings.HasSuffix(attempt, "with network")}
	if err := Confine(config); err != nil {
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
		return syscall.Exec("/bin/true", []string{"true"}, nil)
	case "socket", "socket with network":
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err == nil {
			_ = listener.Close()
		}
		return err
	case "datagram":
		_, err := net.Dial("udp", "127.0.0.1:53")
		return err
	case "local socket", "local socket with network":
		_, err := net.Listen("unix", filepath.Join(folder, "charts", "socket"))
		return err
	case "read inside":
		_, err := os.ReadFile(filepath.Join(folder, "root", "inside"))
		return err
	case "read outside", "read outside with network":
		_, err := os.ReadFile(filepath.Join(folder, "outside"))
		return err
	case "read through a link":
		_, err := os.ReadFile(filepath.Join(folder, "root", "link"))
		return err
	case "read its own environment":
		_, err := os.ReadFile("/proc/self/environ")
		return err
	case "write inside":
		return os.WriteFile(filepath.Join(folder, "root", "new"), nil, 0o600)
	case "keep a chart":
		path := filepath.Join(folder, "charts", "chart")
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			return err
		}
		return os.Rename(path, path+".tgz")
	case "outlive its parent":
		time.Sleep(time.Minute)
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

// prepare makes a folder with a root, something outside of it and a link to that.
func prepare(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for _, err := range []error{
		os.Mkdir(filepath.Join(folder, "root"), 0o700),
		os.WriteFile(filepath.Join(folder, "root", "inside"), []byte("x"), 0o600),
		os.WriteFile(filepath.Join(folder, "outside"), []byte("x"), 0o600),
		os.Symlink("../outside", filepath.Join(folder, "root", "link")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// outcome is an exit code and what was said.
type outcome struct {
	code int
	says string
}

func holds(t *testing.T, cases map[string]outcome) {
	t.Setenv("CI_JOB_TOKEN", "hunter2")
	for attempt, want := range cases {
		t.Run(attempt, func(t *testing.T) {
			run := exec.Command(os.Args[0], "confined", attempt, prepare(t))
			output, _ := run.CombinedOutput()
			if code := run.ProcessState.ExitCode(); code != want.code || !strings.Contains(string(output), want.says) {
				t.Errorf("exit %d, want %d: %.300s", code, want.code, output)
			}
		})
	}
}

func TestAConfinedWorkerCannot(t *testing.T) {
	holds(t, map[string]outcome{
		"run a program": {1, "operation not permitted"}, "socket": {1, "operation not permitted"}, "datagram": {1, "operation not permitted"},
		"local socket": {1, "operation not permitted"}, "local socket with network": {1, "operation not permitted"},
		"many small": {ExitMemory, "out of memory"}, "one big": {2, "out of memory"},
	})
}

func TestAConfinedWorkerCanStill(t *testing.T) {
	holds(t, map[string]outcome{"socket with network": {}, "read inside": {}, "environment": {}, "keep a chart": {}})
}
