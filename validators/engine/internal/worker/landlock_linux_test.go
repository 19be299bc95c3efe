package worker

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestWithLandlockNothingElseCanBeOpened(t *testing.T) {
	if _, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION); errno != 0 {
		t.Skip("this kernel has no Landlock")
	}
	holds(t, map[string]outcome{
		"read outside": {1, "permission denied"}, "read outside with network": {1, "permission denied"}, "read through a link": {1, "permission denied"},
		"read its own environment": {1, "permission denied"}, "write inside": {1, "permission denied"},
	})
}

// A shell starts the worker, says its number and ends.
func TestAWorkerEndsWithItsParent(t *testing.T) {
	parent := exec.Command("/bin/sh", "-c", `"$0" confined "outlive its parent" "$1" >/dev/null 2>&1 & echo $!; sleep 0.5`, os.Args[0], prepare(t))
	output, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, output)
	_ = parent.Wait()
	for range 50 {
		if state, err := os.ReadFile("/proc/" + strconv.Itoa(number) + "/stat"); err != nil || strings.Contains(string(state), ") Z ") {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("process %d still runs", number)
}
