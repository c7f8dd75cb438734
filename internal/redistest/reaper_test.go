package redistest_test

import (
	"bufio"
	"net"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/redistest"
)

// victimEnv makes TestVictim, in a process of its own, start servers and die.
const victimEnv = "REDISTEST_VICTIM"

func TestVictim(t *testing.T) {
	if os.Getenv(victimEnv) == "" {
		return // it is for TestKilledProcessLeavesNoServer
	}
	out := os.NewFile(3, "addresses")
	for _, addr := range []string{redistest.Shared(t).Addr(), redistest.Standalone(t, redistest.Options{}).Addr()} {
		_, err := out.WriteString(addr + "\n")
		require.NoError(t, err)
	}
	require.NoError(t, syscall.Kill(os.Getpid(), syscall.SIGKILL))
	select {}
}

func TestKilledProcessLeavesNoServer(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	require.NoError(t, err)
	r, w, err := os.Pipe()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestVictim$")
	cmd.Env = append(os.Environ(), victimEnv+"=1", "TMPDIR="+t.TempDir())
	cmd.ExtraFiles = []*os.File{w}
	require.NoError(t, cmd.Start())
	require.NoError(t, w.Close())

	var addrs []string
	for lines := bufio.NewScanner(r); lines.Scan(); {
		addrs = append(addrs, lines.Text())
	}
	require.Error(t, cmd.Wait(), "it was killed")
	require.Len(t, addrs, 2)
	for _, addr := range addrs {
		require.Eventually(t, func() bool {
			conn, err := net.Dial("tcp", addr)
			if err == nil {
				_ = conn.Close()
			}
			return err != nil
		}, 30*time.Second, 20*time.Millisecond, "%s still answers", addr)
	}
}
