package storage

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// The figures in the package comment come from here:
//
//	go test -run '^$' -bench . ./internal/storage

const (
	benchRecords = 100_000
	benchValue   = 1500
)

func benchKey(i int) string { return fmt.Sprintf("account/provider-%03d/customer-%06d", i%200, i) }

// fill commits n records of the size of an account's state.
func fill(b testing.TB, f *File, n int, r *rand.Rand) {
	for i := 0; i < n; i += 1000 {
		var records []Record
		for j := i; j < min(i+1000, n); j++ {
			records = append(records, Record{Key: benchKey(j), Value: randomValue(r)})
		}
		if err := f.Commit(records); err != nil {
			b.Fatal(err)
		}
	}
}

func randomValue(r *rand.Rand) []byte {
	value := make([]byte, benchValue)
	for i := range value {
		value[i] = byte(r.Uint32())
	}
	return value
}

func openBench(b testing.TB, dir string) *File {
	f, err := Open(context.Background(), dir, Options{})
	if err != nil {
		b.Fatal(err)
	}
	if err := f.Status().Err; err != nil {
		b.Fatal(err)
	}
	return f
}

// written is how many bytes this process has given to write calls, or 0 where the system does not say.
func written() (n int64) {
	b, err := os.ReadFile("/proc/self/io")
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(b), "wchar: ")
	_, _ = fmt.Sscan(after, &n)
	return n
}

// BenchmarkCommit measures commits among 100,000 stored records, compactions included.
func BenchmarkCommit(b *testing.B) {
	f := openBench(b, b.TempDir())
	r := rand.New(rand.NewPCG(1, 2))
	fill(b, f, benchRecords, r)
	for _, n := range []int{1, 30, 333} {
		b.Run(fmt.Sprintf("records=%d", n), func(b *testing.B) {
			records, values := make([]Record, n), make([][]byte, 64)
			for i := range values {
				values[i] = randomValue(r)
			}
			before, longest := written(), time.Duration(0)
			for b.Loop() {
				for i := range records {
					records[i] = Record{Key: benchKey(r.IntN(benchRecords)), Value: values[r.IntN(len(values))]}
				}
				start := time.Now()
				if err := f.Commit(records); err != nil {
					b.Fatal(err)
				}
				longest = max(longest, time.Since(start))
			}
			b.ReportMetric(float64(written()-before)/float64(b.N), "written-B/op")
			b.ReportMetric(float64(longest.Milliseconds()), "longest-ms")
			b.ReportMetric(float64(f.Status().Bytes)/(1<<20), "file-MiB")
		})
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkOpen measures the start with 100,000 records, from the lock to the last value.
func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	f := openBench(b, dir)
	fill(b, f, benchRecords, rand.New(rand.NewPCG(1, 2)))
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	f = nil
	heap := heapInUse()
	for b.Loop() {
		f = openBench(b, dir)
		n := 0
		if err := f.Load(func(string, []byte) error { n++; return nil }); err != nil || n != benchRecords {
			b.Fatal(n, err)
		}
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(heapInUse()-heap, "heap-MiB")
	b.ReportMetric(float64(f.Status().Bytes)/(1<<20), "file-MiB")
	runtime.KeepAlive(f)
}

// heapInUse is in MiB.
func heapInUse() float64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}
