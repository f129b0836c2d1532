package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a child and what the system knows of it.
type process struct {
	cmd     *exec.Cmd
	address string
	ended   chan struct{}
}

// spawn starts a child that serves at an address of its own; %s in args is that address.
func spawn(ctx context.Context, log, name string, args ...string) (*process, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	for i, arg := range args {
		args[i] = strings.ReplaceAll(arg, "%s", address)
	}
	file, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // the child has it, too
	p := &process{cmd: exec.CommandContext(ctx, name, args...), address: address, ended: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = file, file
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// role starts this program in another role.
func role(ctx context.Context, log, role string, args ...string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p, err := spawn(ctx, log, self, append([]string{"-role", role, "-listen", "%s"}, args...)...)
	if err != nil || role == "loop" {
		return p, err
	}
	return p, p.await(ctx, func() bool {
		conn, err := net.DialTimeout("tcp", p.address, time.Second)
		if err != nil {
			return false
		}
		return conn.Close() == nil
	})
}

func freeAddress(ctx context.Context) (string, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// stop ends the child well and waits for that.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(time.Minute):
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
}

// await asks again and again until something holds.
func (p *process) await(ctx context.Context, holds func() bool) error {
	for deadline := time.Now().Add(10 * time.Minute); !holds(); {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.ended:
			return fmt.Errorf("%s ended before its time; see its log", filepath.Base(p.cmd.Path))
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return errors.New("nothing happened for ten minutes")
		}
	}
	return nil
}

// resident is the memory that the child has, in bytes: now, and at the most so far.
func (p *process) resident() (now, most int64) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, 0
	}
	for line := range strings.Lines(string(status)) {
		fields := strings.Fields(line)
		if len(fields) != 3 {
			continue
		}
		kib, _ := strconv.ParseInt(fields[1], 10, 64)
		switch fields[0] {
		case "VmRSS:":
			now = kib << 10
		case "VmHWM:":
			most = kib << 10
		}
	}
	return now, most
}

// cpu is the processor time that the child took so far.
func (p *process) cpu() time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	// The second field is the name in parentheses, which may hold anything.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	const ticksPerSecond = 100 // USER_HZ of every Linux that Go runs on
	return time.Duration(user+system) * time.Second / ticksPerSecond
}

// scraper asks for pages over one connection and without decompressing them.
type scraper struct{ client *http.Client }

func newScraper() scraper {
	return scraper{&http.Client{Transport: &http.Transport{DisableCompression: true}, Timeout: 5 * time.Minute}}
}

// get reads a page whole.
func (s scraper) get(ctx context.Context, address, path, encoding string, to io.Writer) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Accept", "text/plain;version=0.0.4")
	if encoding != "" {
		request.Header.Set("Accept-Encoding", encoding)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", path, response.Status)
	}
	if got := response.Header.Get("Content-Encoding"); got != encoding {
		return fmt.Errorf("%s is encoded as %q, not %q", path, got, encoding)
	}
	_, err = io.Copy(to, response.Body)
	return err
}

// number reads a page that is nothing but a number.
func (s scraper) number(ctx context.Context, address, path string) (int64, error) {
	var text bytes.Buffer
	if err := s.get(ctx, address, path, "", &text); err != nil {
		return 0, err
	}
	return strconv.ParseInt(text.String(), 10, 64)
}
