package storage

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
)

// The test binary starts itself again as another process that uses the same directory.
const (
	childMode = "STORAGE_TEST_CHILD"
	childDir  = "STORAGE_TEST_DIR"
)

func TestMain(m *testing.M) {
	switch os.Getenv(childMode) {
	case "":
		os.Exit(m.Run())
	case "hold":
		exitWith(hold(os.Getenv(childDir)))
	case "write":
		exitWith(writeForever(os.Getenv(childDir)))
	}
}

func exitWith(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// hold takes the storage and keeps it until its standard input ends.
func hold(dir string) error {
	f, err := Open(context.Background(), dir, Options{})
	if err != nil {
		return err
	}
	fmt.Println("held")
	_, err = io.Copy(io.Discard, os.Stdin)
	return errors.Join(err, f.Close())
}

// writeForever commits number after number, and says each one that is durable.
func writeForever(dir string) error {
	f, err := Open(context.Background(), dir, Options{})
	if err != nil {
		return err
	}
	f.pace = pace{least: 20_000, step: 2_000, frame: 1_000}
	next, err := lastNumber(f)
	for err == nil {
		next++
		if err = f.Commit(numbered(next)); err == nil {
			_, err = fmt.Println(next)
		}
	}
	return err
}

type child struct {
	*exec.Cmd
	in  io.Closer
	out *bufio.Scanner
}

// start runs a child. It is gone when the test ends.
func start(t *testing.T, mode, dir string) *child {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childMode+"="+mode, childDir+"="+dir)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &child{Cmd: cmd, in: in, out: bufio.NewScanner(out)}
	t.Cleanup(c.kill)
	return c
}

// kill is kill -9. It waits until the process is gone.
func (c *child) kill() {
	if c.ProcessState == nil {
		_ = c.Process.Kill()
		_ = c.Wait()
	}
}
