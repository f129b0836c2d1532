package main

import (
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// beProgram in the environment lets the test binary be the program: a process of its own for tests of signals and of
// a death without warning, with the race detector where the tests have it.
const beProgram = "CREDITS_EXPORTER_TEST_BE_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(beProgram) != "" {
		main()
	}
	os.Exit(m.Run())
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
	executable, err := os.Executable()
	if err != nil {
		f.t.Fatal(err)
	}
	p := &process{running: newRunning(f.t)}
	p.cmd = exec.Command(executable, append([]string{"--config.file=" + f.file(configName)}, args...)...)
	p.cmd.Dir = f.path
	p.cmd.Env = append(os.Environ(), beProgram+"=1")
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
