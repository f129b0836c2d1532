package e2e

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	// patience is how long a test waits for what a program does within a second or two on a machine with nothing else to do.
	patience = 60 * time.Second
	// grace is how long a program may take to end once it is told to.
	grace = 20 * time.Second
)

// process is a program that runs until its test ends.
type process struct {
	name    string
	command *exec.Cmd
	output  *output
	ended   chan struct{}
	stopped bool
}

// start runs a program in a folder. It is ended with the test, and must not end sooner.
func start(t testing.TB, dir string, env []string, path string, args ...string) *process {
	t.Helper()
	p := &process{name: filepath.Base(path), output: newOutput(), ended: make(chan struct{})}
	p.command = exec.Command(path, args...)
	p.command.Dir = dir
	p.command.Env = append(os.Environ(), env...)
	p.command.Stdout, p.command.Stderr = p.output, p.output
	if err := p.command.Start(); err != nil {
		t.Fatalf("starting %s: %v", p.name, err)
	}
	go func() {
		defer close(p.ended)
		_ = p.command.Wait() // stop looks at the exit status
	}()
	t.Cleanup(func() {
		p.stop(t)
		if t.Failed() {
			t.Logf("the last lines of %s:\n%s", p.name, p.output.tail(60))
		}
	})
	return p
}

// stop ends the program as an operator would, by SIGTERM, and fails the test where it ends otherwise.
func (p *process) stop(t testing.TB) {
	t.Helper()
	if p.stopped {
		return
	}
	p.stopped = true
	select {
	case <-p.ended:
		t.Errorf("%s ended by itself: %v", p.name, p.command.ProcessState)
		return
	default:
	}
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("ending %s: %v", p.name, err)
	}
	select {
	case <-p.ended:
		if status := p.command.ProcessState; !status.Success() {
			t.Errorf("%s ended after SIGTERM with %v", p.name, status)
		}
	case <-time.After(grace):
		t.Errorf("%s still runs %v after SIGTERM", p.name, grace)
		if err := p.command.Process.Kill(); err != nil {
			t.Errorf("killing %s: %v", p.name, err)
		}
		<-p.ended
	}
}

// says waits until the program has written what the expression matches, and returns its first group.
func (p *process) says(t testing.TB, expression string) string {
	t.Helper()
	pattern, deadline := regexp.MustCompile(expression), time.After(patience)
	for {
		found, more := p.output.find(pattern)
		if found != "" {
			return found
		}
		select {
		case <-more:
		case <-p.ended:
			if found, _ := p.output.find(pattern); found != "" {
				return found
			}
			t.Fatalf("%s ended before it said %q:\n%s", p.name, expression, p.output.tail(60))
		case <-deadline:
			t.Fatalf("%s has not said %q in %v", p.name, expression, patience)
		}
	}
}

// output is what a program has written so far.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{} // closed when there is more
}

func newOutput() *output { return &output{more: make(chan struct{})} }

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.more)
	o.more = make(chan struct{})
	return o.text.Write(p)
}

// find returns the first group of the first match, or a channel that tells when to look again.
func (o *output) find(pattern *regexp.Regexp) (string, <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if match := pattern.FindSubmatch(o.text.Bytes()); match != nil {
		return string(match[1]), nil
	}
	return "", o.more
}

// String is all that was written.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

func (o *output) tail(lines int) string {
	all := strings.Split(strings.TrimRight(o.String(), "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
