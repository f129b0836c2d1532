package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
)

// binary is the program as users have it, for tests of signals and of a death without warning. It is built when the
// first test needs it. Without the race detector it starts in a tenth of the time.
type binary struct {
	once sync.Once
	dir  string
	path string
	err  error
}

var built binary

// atOnce is how many tests run in parallel: they wait more than they work.
const atOnce = "8"

func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", atOnce); err != nil {
		panic(err)
	}
	status := m.Run()
	if built.dir != "" {
		_ = os.RemoveAll(built.dir) // a folder of the system's for temporary files
	}
	os.Exit(status)
}

func (b *binary) build(t testing.TB) string {
	t.Helper()
	b.once.Do(func() {
		if b.dir, b.err = os.MkdirTemp("", "credits_exporter-test-"); b.err != nil {
			return
		}
		b.path = filepath.Join(b.dir, programName)
		var said []byte
		if said, b.err = exec.Command("go", "build", "-buildvcs=false", "-o", b.path, ".").CombinedOutput(); b.err != nil {
			b.err = fmt.Errorf("go build: %w: %s", b.err, said)
		}
	})
	if b.err != nil {
		t.Fatal(b.err)
	}
	return b.path
}

// process is a daemon in a process of its own.
type process struct {
	*running
	cmd *exec.Cmd
}

// start runs the daemon in a process of its own and waits until it serves.
func (f *folder) start(args ...string) *process {
	f.t.Helper()
	p := f.launch(append([]string{"serve", "--web.listen-address=127.0.0.1:0"}, args...)...)
	p.begun()
	return p
}

// launch runs the program in a process of its own.
func (f *folder) launch(args ...string) *process {
	f.t.Helper()
	p := &process{running: newRunning(f.t)}
	p.cmd = exec.Command(built.build(f.t), append([]string{"--config.file=" + f.file(configName)}, args...)...)
	p.cmd.Dir = f.path
	p.cmd.Env = os.Environ()
	for name, value := range f.env {
		p.cmd.Env = append(p.cmd.Env, name+"="+value)
	}
	p.cmd.Stdout, p.cmd.Stderr = p.stdout, p.stderr
	if err := p.cmd.Start(); err != nil {
		f.t.Fatal(err)
	}
	p.end = func() { p.signal(syscall.SIGTERM) }
	go func() {
		defer close(p.ended)
		_ = p.cmd.Wait() // the exit status says it
		p.status = p.cmd.ProcessState.ExitCode()
	}()
	return p
}

func (p *process) signal(s os.Signal) {
	_ = p.cmd.Process.Signal(s) // it fails only where the process has ended
}

// kill ends the process without a warning.
func (p *process) kill() {
	p.t.Helper()
	_ = p.cmd.Process.Kill()
	<-p.ended
}
