package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// npmSubject is an npm adapter in a process of its own.
type npmSubject struct {
	label string
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   *bufio.Scanner
}

// npm starts the process. The packages are in dir, put there by npm ci.
func npm(dir, which, url string) (subject, error) {
	cmd := exec.Command("node", "bench.mjs", which, url)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "BENCH_VALUE="+string(value), "BENCH_MESSAGE="+string(message))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("node is needed for the npm adapters: %w", err)
	}
	return &npmSubject{label: "npm state-" + which, cmd: cmd, in: in, out: bufio.NewScanner(out)}, nil
}

func (s *npmSubject) name() string { return s.label }

func (s *npmSubject) close() {
	_ = s.in.Close()
	_ = s.cmd.Wait()
}

func (s *npmSubject) measure(op string, callers int, window time.Duration) (float64, error) {
	if op != messageOp && !strings.Contains(strings.Join(operations, " "), op) {
		return 0, nil
	}
	request, err := json.Marshal(map[string]any{"op": op, "callers": callers, "ms": window.Milliseconds(), "prefix": "npm-" + s.label})
	if err != nil {
		return 0, err
	}
	if _, err := s.in.Write(append(request, '\n')); err != nil {
		return 0, err
	}
	if !s.out.Scan() {
		return 0, errors.Join(errors.New(s.label+" ended"), s.out.Err())
	}
	var answer struct {
		Ops   float64
		Error string
	}
	if err := json.Unmarshal(s.out.Bytes(), &answer); err != nil {
		return 0, err
	}
	if answer.Error != "" {
		return 0, errors.New(answer.Error)
	}
	return answer.Ops, nil
}
