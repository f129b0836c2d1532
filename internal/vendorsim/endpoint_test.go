package vendorsim_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/vendorsim"
)

func command(t *testing.T, simulator *vendorsim.Simulator, contentType, body string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1/control", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", contentType)
	a, err := send(simulator.Transport(), request)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Commands in a row, each with what the account then answers to a poll.
func TestControl(t *testing.T) {
	simulator, clock := newSimulator(t)
	const vendor = vendorsim.Olostep
	account := add(t, simulator, vendorsim.Spec{Vendor: vendor, Balance: 100 * vendorsim.Credit})
	for _, step := range []struct {
		command string // the members after provider and account
		balance string
		status  int
	}{
		{`"action":"state"`, "100", 200},
		{`"action":"spend","amount":30`, "70", 200},
		{`"action":"top_up","amount":5`, "75", 200},
		{`"action":"add_lot","amount":25,"kind":"Setup","seconds":60`, "100", 200},
		{`"action":"expire"`, "75", 200},
		{`"action":"set_balance","amount":0`, "0", 200},
		{`"action":"set_balance","amount":12.5`, "12", 200},
		{`"action":"block"`, "12", 200},
		{`"action":"require_payment"`, "12", 402},
		{`"action":"unblock"`, "12", 200},
		{`"action":"fail","status":501`, "12", 501},
		{`"action":"empty"`, "12", 200},
		{`"action":"recover"`, "12", 200},
		{`"action":"refuse_key"`, "12", 402},
		{`"action":"accept_key"`, "12", 200},
		{`"action":"rate_limit","seconds":30`, "12", 429},
		{`"action":"rate_limit"`, "12", 200},
		{`"action":"rotate_key","key":"test-key-rotated"`, "12", 402},
	} {
		a := command(t, simulator, "application/json", `{"provider":"olostep","account":"production",`+step.command+`}`)
		if a.status != http.StatusOK || !strings.HasPrefix(string(a.body), `{"balance":`+step.balance+`,"requests":`) {
			t.Errorf("%s: %d %s", step.command, a.status, a.body)
		}
		if status := ask(t, simulator, vendor, testKey(vendor)).status; status != step.status {
			t.Errorf("%s: polled with %d, want %d", step.command, status, step.status)
		}
		clock.Step(time.Second)
	}
	if account.Key() != "test-key-rotated" {
		t.Errorf("key %s", account.Key())
	}
}

func TestControlRefuses(t *testing.T) {
	simulator, _ := newSimulator(t)
	add(t, simulator, vendorsim.Spec{Vendor: vendorsim.Massive, Balance: 100 * vendorsim.Credit})
	const json, begin = "application/json", `{"provider":"massive","account":"production",`
	for _, c := range []struct {
		contentType, body string
		status            int
	}{
		{"text/plain", begin + `"action":"block"}`, 415},
		{json, `not JSON`, 400},
		{json, begin + `"action":"block","force":true}`, 400},
		{json, begin + `"action":"explode"}`, 400},
		{json, `{"provider":"massive","account":"nobody","action":"block"}`, 400},
		{json, begin + `"action":"spend"}`, 400},
		{json, begin + `"action":"top_up","amount":-5}`, 400},
		{json, begin + `"action":"top_up","amount":1e9}`, 400},
		{json, begin + `"action":"fail","status":200}`, 400},
		{json, begin + `"action":"rate_limit","seconds":1e300}`, 400},
		{json, begin + `"action":"rotate_key"}`, 400},
	} {
		a := command(t, simulator, c.contentType, c.body)
		if a.status != c.status || !strings.HasPrefix(string(a.body), `{"error":"`) {
			t.Errorf("%s: %d %s, want %d", c.body, a.status, a.body, c.status)
		}
	}
	if a := ask(t, simulator, vendorsim.Massive, testKey(vendorsim.Massive)); string(a.body) != `[{"email":"production@customer.example","credits":100}]` {
		t.Errorf("changed to %s", a.body)
	}
}

func TestControlIsOffUnlessEnabled(t *testing.T) {
	simulator := vendorsim.New(vendorsim.Options{})
	add(t, simulator, vendorsim.Spec{Vendor: vendorsim.Massive})
	a := command(t, simulator, "application/json", `{"provider":"massive","account":"production","action":"block"}`)
	if a.status != http.StatusNotFound {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func FuzzControl(f *testing.F) {
	for _, action := range []string{"state", "spend", "add_lot", "rate_limit", "fail", "rotate_key", "set_balance"} {
		f.Add(`{"provider":"olostep","account":"production","action":"` + action + `","amount":-3.5,"seconds":1e9,"status":500,"key":"test-key-a"}`)
	}
	f.Fuzz(func(t *testing.T, body string) {
		simulator, clock := newSimulator(t)
		account := add(t, simulator, vendorsim.Spec{Vendor: vendorsim.Olostep, Balance: 100 * vendorsim.Credit, Overdraft: true})
		if a := command(t, simulator, "application/json", body); a.status != 200 && a.status != 400 {
			t.Errorf("%d %s", a.status, a.body)
		}
		if problem := addsUp(account, true, clock.Now()); problem != "" {
			t.Error(problem)
		}
	})
}

// Over a socket: the same answers, a connection that ends where no answer comes, and an end when ctx ends.
func TestServe(t *testing.T) {
	simulator, _ := newSimulator(t)
	account := add(t, simulator, vendorsim.Spec{Vendor: vendorsim.Massive, Balance: 7 * vendorsim.Credit})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- simulator.Serve(ctx, listener) }()

	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	poll := func() (string, error) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+listener.Addr().String()+"/massive/user", nil)
		if err != nil {
			return "", err
		}
		request.Header = authentication(vendorsim.Massive, testKey(vendorsim.Massive))
		response, err := client.Do(request)
		if err != nil {
			return "", err
		}
		defer response.Body.Close()
		if date := response.Header.Get("Date"); date != "Sun, 01 Dec 2024 00:00:00 GMT" {
			t.Errorf("Date %s is not the simulator's", date)
		}
		body, err := io.ReadAll(response.Body)
		return string(body), err
	}
	if body, err := poll(); err != nil || body != `[{"email":"production@customer.example","credits":7}]` {
		t.Errorf("%s, %v", body, err)
	}
	account.Hang()
	hanging := make(chan error, 1)
	go func() {
		_, err := poll()
		hanging <- err
	}()
	for deadline := time.Now().Add(10 * time.Second); account.Requests().Count < 2; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the request has not arrived")
		}
	}
	stop()
	if err := <-hanging; err == nil {
		t.Error("a silent account has answered")
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
	if err := simulator.Serve(t.Context(), listener); err == nil || errors.Is(err, http.ErrServerClosed) {
		t.Errorf("served on a closed listener: %v", err)
	}
}
