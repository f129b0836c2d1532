package ledger

import (
	"encoding/binary"
	"errors"
	"math"
	"time"
)

// samples is a row of samples in a few bytes each, because an account keeps hundreds of them and most accounts are looked
// at by nobody. It is a string for being immutable. The first byte is how many decimals all amounts have, or
// unscaled. Then each sample is up to three numbers, as differences from the one before: the balance, a zigzag varint
// with two bits below it that tell which of the others follow; by how much the seconds since then differ from those
// before; and balance and consumption together, which mostly change by opposite amounts. Differences of 0 do not follow.
//
// Amounts that no decimal of up to maxDecimals places states exactly come as the bits of a float, eight bytes each.
type samples string

const (
	maxDecimals = 9
	unscaled    = 0xff
	// The bits below a balance.
	timeFollows, bothFollow, followBits = 1, 2, 2
	// exact is below which every whole number is a float.
	exact = 1 << 53
)

var errSamples = errors.New("not a row of samples")

// packRow encodes samples; their times are cut to seconds.
func packRow(row []Sample) samples {
	if len(row) == 0 {
		return ""
	}
	decimals, ok := decimalsOf(row)
	if !ok {
		return packUnscaled(row)
	}
	b := append(make([]byte, 0, 1+5*len(row)), byte(decimals))
	var at, step, balance, both int64
	for _, s := range row {
		now := s.At.Unix()
		next := now - at
		balanceNow := scaled(s.Balance, decimals)
		bothNow := balanceNow + scaled(s.Consumed, decimals)
		b = appendSample(b, balanceNow-balance, next-step, bothNow-both)
		at, step, balance, both = now, next, balanceNow, bothNow
	}
	return samples(b)
}

// appendSample appends the differences of a sample. A balance is so far below 2^62 that the bits fit in.
func appendSample(b []byte, balance, step, both int64) []byte {
	head := (uint64(balance)<<1 ^ uint64(balance>>63)) << followBits
	if step != 0 {
		head |= timeFollows
	}
	if both != 0 {
		head |= bothFollow
	}
	b = binary.AppendUvarint(b, head)
	if step != 0 {
		b = binary.AppendVarint(b, step)
	}
	if both != 0 {
		b = binary.AppendVarint(b, both)
	}
	return b
}

func packUnscaled(row []Sample) samples {
	b := append(make([]byte, 0, 1+19*len(row)), unscaled)
	var at, step int64
	for _, s := range row {
		b, at, step = appendTime(b, s.At, at, step)
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(s.Balance))
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(s.Consumed))
	}
	return samples(b)
}

// appendTime appends by how much the step from the sample before differs from the step before that.
func appendTime(b []byte, t time.Time, at, step int64) (_ []byte, now, next int64) {
	now = t.Unix()
	next = now - at
	return binary.AppendVarint(b, next-step), now, next
}

// decimalsOf is with how many decimals all amounts are stated exactly.
func decimalsOf(row []Sample) (int, bool) {
	decimals := 0
	for _, s := range row {
		for _, v := range [...]float64{s.Balance, s.Consumed} {
			for !states(v, decimals) {
				if decimals++; decimals > maxDecimals {
					return 0, false
				}
			}
		}
	}
	return decimals, true
}

// states tells whether a decimal of that many places is the float, so that reading it gives the same float. More places
// than needed do, as long as the whole number stays exact.
func states(v float64, decimals int) bool {
	m := scaled(v, decimals)
	return m < exact && m > -exact && unscale(m, decimals) == v
}

// scaled is the whole number that states v with so many decimals; exact where there is none.
func scaled(v float64, decimals int) int64 {
	m := math.Round(v * math.Pow10(decimals))
	if !(math.Abs(m) < exact) { // not a number is not less either
		return exact
	}
	return int64(m)
}

// unscale is the float that is nearest to the decimal: both sides of the division are exact.
func unscale(m int64, decimals int) float64 { return float64(m) / math.Pow10(decimals) }

// unpack decodes samples, and refuses what packRow did not write.
func (s samples) unpack() ([]Sample, error) {
	if s == "" {
		return nil, nil
	}
	r := reader{rest: []byte(s[1:])}
	row := make([]Sample, 0, len(r.rest)/2)
	decimals := int(s[0])
	if s[0] != unscaled && decimals > maxDecimals {
		return nil, errSamples
	}
	var at, step, balance, both int64
	for len(r.rest) > 0 {
		if s[0] == unscaled {
			step += r.varint()
			at += step
			row = append(row, Sample{time.Unix(at, 0).UTC(), r.float(), r.float()})
			continue
		}
		d := r.difference()
		step += d.step
		at += step
		balance += d.balance
		both += d.both
		row = append(row, Sample{time.Unix(at, 0).UTC(), unscale(balance, decimals), unscale(both-balance, decimals)})
	}
	if r.broken {
		return nil, errSamples
	}
	return row, nil
}

// difference is by what a sample differs from the one before.
type difference struct{ step, balance, both int64 }

// reader reads numbers; once something is missing, all that follows is 0.
type reader struct {
	rest   []byte
	broken bool
}

func (r *reader) difference() difference {
	head, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.rest, r.broken = nil, true
		return difference{}
	}
	r.rest = r.rest[n:]
	zigzag := head >> followBits
	d := difference{balance: int64(zigzag>>1) ^ -int64(zigzag&1)}
	if head&timeFollows != 0 {
		d.step = r.varint()
	}
	if head&bothFollow != 0 {
		d.both = r.varint()
	}
	return d
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.rest)
	if n <= 0 {
		r.rest, r.broken = nil, true
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *reader) float() float64 {
	if len(r.rest) < 8 {
		r.rest, r.broken = nil, true
		return 0
	}
	bits := binary.LittleEndian.Uint64(r.rest)
	r.rest = r.rest[8:]
	return math.Float64frombits(bits)
}
