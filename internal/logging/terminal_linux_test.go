package logging

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// openTerminal returns both ends of a new pseudo terminal.
func openTerminal(t *testing.T) (screen, terminal *os.File) {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("this machine has no pseudo terminals")
	}
	t.Cleanup(func() { _ = screen.Close() })
	raw, err := screen.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var number int
	var unlocked, numbered error
	err = raw.Control(func(fd uintptr) {
		unlocked = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0)
		number, numbered = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
	})
	if err != nil || unlocked != nil || numbered != nil {
		t.Skip("this machine's pseudo terminals cannot be opened")
	}
	terminal, err = os.OpenFile("/dev/pts/"+strconv.Itoa(number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("this machine's pseudo terminals cannot be opened")
	}
	t.Cleanup(func() { _ = terminal.Close() })
	return screen, terminal
}

// TestNoColor writes to a terminal, where colours would show.
func TestNoColor(t *testing.T) {
	for _, noColor := range []bool{false, true} {
		reader, terminal := openTerminal(t)
		logger := New(terminal, Options{NoColor: noColor})
		logger.Info("hello")
		line := make([]byte, 200)
		if err := reader.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Skip("this machine's pseudo terminals cannot be polled")
		}
		n, err := reader.Read(line)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(string(line[:n]), "\x1b["); got == noColor {
			t.Errorf("NoColor %v: got %q", noColor, line[:n])
		}
		if !strings.Contains(string(line[:n]), "hello") || strings.Contains(string(line[:n]), "level=") {
			t.Errorf("not the console format: %q", line[:n])
		}
	}
}
