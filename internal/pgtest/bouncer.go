package pgtest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/chat-adapter/chat-go/internal/machines"
)

// Bouncer starts a PgBouncer in transaction mode before the server, and returns its
// address. It has few connections, so that sessions are shared.
func (s *Server) Bouncer(t TB) (addr string) {
	t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		program = "/usr/sbin/pgbouncer" // not on everybody's PATH
		if _, err := os.Stat(program); err != nil {
			lack(t, fmt.Errorf("this machine has no PgBouncer: install it (Debian: apt-get install pgbouncer): %w", err))
		}
	}
	reserved, err := machines.ReservePort()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(reserved.Release)
	dir, remove, err := folder()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(remove)
	port := reserved.Number
	config := fmt.Sprintf(`[databases]
* = host=%s port=%d user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
max_client_conn = 200
`, s.site.Host(), s.place.Port, port)
	if err := os.WriteFile(filepath.Join(dir, "pgbouncer.ini"), []byte(config), 0o644); err != nil { //nolint:gosec // it holds no secret
		t.Fatal(err)
	}
	cmd := exec.Command(program, "pgbouncer.ini") //nolint:gosec // it is PgBouncer
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if os.Geteuid() == 0 { // it refuses to run as root
		if cmd.SysProcAttr.Credential, err = credentialOf("nobody"); err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	forget, err := machines.ReapLater(machines.Process, strconv.Itoa(cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(done)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-done
		forget()
	})
	addr = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	for deadline := time.Now().Add(readyTimeout); ; time.Sleep(20 * time.Millisecond) {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			_ = c.Close()
			return addr
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}
