package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// fleet is the accounts that the vendor knows. Their figures follow from their number and the time.
type fleet struct {
	lots  int
	began time.Time
	asked atomic.Int64
}

const keyPrefix = "test-key-"

// accountName is the i-th account's name.
func accountName(i int) string { return fmt.Sprintf("customer-%06d", i) }

// accountKey is the i-th account's key.
func accountKey(i int) string { return keyPrefix + strconv.Itoa(i) }

// answer is what the vendor says of an account: the shape of Olostep's, with one lot or more.
func (f *fleet) answer(b []byte, i int, now time.Time) []byte {
	spent := int64(now.Sub(f.began)/time.Second) / int64(5+i%60)
	midnight := f.began.UTC().Truncate(24 * time.Hour)
	total := int64(0)
	lots := make([]byte, 0, 160*f.lots)
	for lot := range f.lots {
		allocated := int64(10_000 * (lot + 1))
		remaining := allocated - int64(i%5000)
		if lot == 0 {
			remaining = max(remaining-spent, 0)
		}
		total += remaining
		expires := midnight.AddDate(0, 0, 30*(lot+1)+i%28).Unix()
		if lot > 0 {
			lots = append(lots, ',')
		}
		lots = fmt.Appendf(lots, `{"purchase_kind":"Top-up %d","allocated_units":%d,"remaining_units":%d,"expiry_date":%d}`, lot, allocated, remaining, expires)
	}
	b = fmt.Appendf(b, `{"credits":%d,"breakdown":[`, total)
	b = append(b, lots...)
	return append(b, `],"active_subscription":{"id":"SUB_PRO","display_name":"Pro","credits":10000,"created_at":1704067200},"allow_usage":true}`...)
}

func (f *fleet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/asked" {
		fmt.Fprint(w, f.asked.Load())
		return
	}
	i, err := strconv.Atoi(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "+keyPrefix))
	if err != nil {
		http.Error(w, "{}", http.StatusUnauthorized)
		return
	}
	f.asked.Add(1)
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(f.answer(make([]byte, 0, 1024), i, time.Now()))
}

// serveVendor plays the vendor until ctx ends.
func serveVendor(ctx context.Context, o options) error {
	return serve(ctx, o.listen, &fleet{lots: o.lots, began: time.Now()})
}

// serve serves on loopback until ctx ends.
func serve(ctx context.Context, address string, handler http.Handler) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// polls in flight, of the exporter and of the bare loop.
const atOnce = 64

// bareLoop makes the same requests as the exporter, one after the other in each of so many goroutines, and looks at no
// answer.
func bareLoop(ctx context.Context, o options) error {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: atOnce}, Timeout: 20 * time.Second}
	var next atomic.Int64
	var loops sync.WaitGroup
	var failure atomic.Pointer[error]
	for range atOnce {
		loops.Go(func() {
			for ctx.Err() == nil {
				if err := ask(ctx, client, o.target, int(next.Add(1))%o.accounts); err != nil && ctx.Err() == nil {
					failure.Store(&err)
					return
				}
			}
		})
	}
	loops.Wait()
	if err := failure.Load(); err != nil {
		return *err
	}
	return nil
}

func ask(ctx context.Context, client *http.Client, target string, i int) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target+"/user/credits/info", nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+accountKey(i))
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return err
}
