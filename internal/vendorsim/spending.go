package vendorsim

import "time"

// spending is how much jobs have cost since an origin. It is a function of time alone, so that what an account holds
// does not depend on when somebody looked.
type spending struct {
	jobs   Jobs
	origin time.Time
	seed   uint64
}

// The pace wanders by shifting time: every knot has a random offset, and offsets are joined by straight lines. An
// offset is at most three quarters of the distance of two knots, so shifted time never goes back.
const (
	knotMillis  = 64_000
	shiftMillis = 48_000
)

// until is the cost of all jobs that have run by an instant; it never falls.
func (s spending) until(t time.Time) Credits {
	elapsed := t.Sub(s.origin).Milliseconds()
	if s.jobs.Cost == 0 || elapsed <= 0 {
		return 0
	}
	if !s.jobs.Steady {
		elapsed += s.shift(elapsed) - s.knot(0)
	}
	return Credits(elapsed/s.jobs.Every.Milliseconds()) * s.jobs.Cost
}

// between is the cost of the jobs of one stretch of time.
func (s spending) between(from, to time.Time) Credits { return s.until(to) - s.until(from) }

func (s spending) shift(elapsed int64) int64 {
	k, rest := elapsed/knotMillis, elapsed%knotMillis
	from, to := s.knot(k), s.knot(k+1)
	return from + (to-from)*rest/knotMillis
}

func (s spending) knot(k int64) int64 { return int64(mix(s.seed, uint64(k)) % shiftMillis) }

// mix is splitmix64 of two numbers: the same on every machine, which math/rand does not promise across versions.
func mix(a, b uint64) uint64 {
	z := a + (b+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
