// Command webhook is a receiver for trying Alertmanager: it prints a line for each alert that it is told of.
//
//	go -C deploy/e2e run ./webhook
//
// In Alertmanager's configuration a receiver's address is http://127.0.0.1:5001/.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"
)

const address = "127.0.0.1:5001"

// message is version 4 of https://prometheus.io/docs/alerting/latest/configuration/#webhook_config, as far as it is printed.
type message struct {
	Receiver string
	Alerts   []struct {
		Status              string
		Labels, Annotations map[string]string
	}
}

func main() {
	listener, err := net.Listen("tcp", address)
	if err == nil {
		fmt.Printf("Waiting for alerts on http://%s/\n", address)
		server := &http.Server{Handler: http.HandlerFunc(receive), ReadHeaderTimeout: 10 * time.Second}
		err = server.Serve(listener)
	}
	if !errors.Is(err, http.ErrServerClosed) {
		fmt.Fprintln(os.Stderr, "webhook:", err)
		os.Exit(1)
	}
}

func receive(w http.ResponseWriter, r *http.Request) {
	var m message
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4<<20)).Decode(&m); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	for _, a := range m.Alerts {
		fmt.Printf("%s  %-16s  %-8s  %-8s  %s: %s\n", time.Now().Format(time.TimeOnly),
			m.Receiver, a.Status, a.Labels["severity"], a.Labels["alertname"], a.Annotations["description"])
	}
}
