package main

import (
	"context"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/credits-exporter/credits_exporter/internal/vendorsim"
)

// openTerminal opens a pseudo terminal; shown gives all that was written to it, once it is closed.
func openTerminal(t *testing.T) (terminal *os.File, shown func() string) {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("this machine has no pseudo terminals")
	}
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
	if terminal, err = os.OpenFile("/dev/pts/"+strconv.Itoa(number), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Skip("this machine's pseudo terminals cannot be opened")
	}
	all := make(chan string, 1)
	go func() {
		// The end of a pseudo terminal reads as an error.
		text, _ := io.ReadAll(screen)
		all <- string(text)
	}()
	return terminal, func() string {
		_ = terminal.Close()
		defer func() { _ = screen.Close() }()
		select {
		case text := <-all:
			return text
		case <-time.After(patience):
			t.Fatal("the terminal does not end")
			return ""
		}
	}
}

// TestPollOnATerminal: there poll shows how far it is, and uses the pages' colours, unless the user wants none.
func TestPollOnATerminal(t *testing.T) {
	v, f := newVendors(t), newFolder(t)
	v.add(vendorsim.Olostep, "good", 100)
	v.add(vendorsim.Olostep, "low", 3)
	v.add(vendorsim.Massive, "bad", 100).RefuseKey()
	f.configure(`
accounts:
  - {provider: olostep, name: good, credentials: {api_key: test-key-olostep-good}, base_url: VENDORS/olostep, thresholds: {credits: {warning: 50}}}
  - {provider: olostep, name: low, credentials: {api_key: test-key-olostep-low}, base_url: VENDORS/olostep, thresholds: {credits: {warning: 50}}}
  - {provider: massive, name: bad, credentials: {api_key: test-key-massive-bad}, base_url: VENDORS/massive}
`, v)
	poll := func(args ...string) (stdout, stderr string) {
		out, shown := openTerminal(t)
		line, told := openTerminal(t)
		if status := f.program(append([]string{"poll"}, args...), out, line).run(context.WithoutCancel(t.Context())); status != exitFailed {
			t.Errorf("status %d", status)
		}
		return shown(), told()
	}
	stdout, stderr := poll()
	for _, want := range []string{"\x1b[32mok\x1b[0m", "\x1b[33mwarning\x1b[0m", "credits below 50 (warning)", "\x1b[31mfailing\x1b[0m", "\x1b[1mPROVIDER\x1b[0m"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%q is not in %q", want, stdout)
		}
	}
	if !strings.Contains(stderr, "polling: 0 of 3") || !strings.Contains(stderr, "polling: 3 of 3, ") || !strings.HasSuffix(stderr, clearLine) {
		t.Errorf("the line on standard error was %q", stderr)
	}
	if _, stderr := poll("--trace"); strings.Contains(stderr, "polling:") {
		t.Errorf("a trace is mixed with the line: %q", stderr)
	}
	for name, value := range map[string]string{"NO_COLOR": "1", "TERM": "dumb"} {
		f.env = map[string]string{name: value}
		stdout, stderr := poll()
		if strings.Contains(stdout, "\x1b") || !strings.Contains(stdout, "warning") {
			t.Errorf("with %s: %q", name, stdout)
		}
		if strings.Contains(stderr, "polling:") != (name == "NO_COLOR") {
			t.Errorf("with %s: %q", name, stderr)
		}
	}
	f.env = nil
	got := f.run("poll")
	if strings.Contains(got.stdout+got.stderr, "\x1b") || strings.Contains(got.stderr, "polling:") {
		t.Errorf("off a terminal: %q %q", got.stdout, got.stderr)
	}
	plain, _, _ := strings.Cut(stripped(stdout), "\r")
	if want, _, _ := strings.Cut(got.stdout, "\n"); plain != want {
		t.Errorf("in colour the head is %q, without %q", plain, want)
	}
}

// stripped is a text without its colours.
func stripped(text string) string {
	for _, s := range []style{styleStrong, styleMuted, styleGood, styleWarn, styleBad, styleWait, "0"} {
		text = strings.ReplaceAll(text, "\x1b["+string(s)+"m", "")
	}
	return text
}
