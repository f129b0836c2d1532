package config

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"path/filepath"
	"regexp"
	"strconv"
)

// Shard is the part of all accounts that one of several processes takes. The zero Shard is all of them.
type Shard struct {
	// Ordinal is from 0 to Total-1.
	Ordinal int
	Total   int
}

// maxShards bounds Total.
const maxShards = 10_000

var (
	shardText = regexp.MustCompile(`^(0|[1-9][0-9]{0,4})/([1-9][0-9]{0,4})$`)
	errShard  = errors.New("must be ORDINAL/TOTAL, such as 0/3, 1/3 and 2/3 for three shards; the first is 0")
)

// ParseShard reads I/N, such as 0/3.
func ParseShard(text string) (Shard, error) {
	parts := shardText.FindStringSubmatch(text)
	if parts == nil {
		return Shard{}, errShard
	}
	// Both are short rows of digits, by the pattern.
	ordinal, _ := strconv.Atoi(parts[1])
	total, _ := strconv.Atoi(parts[2])
	if ordinal >= total || total > maxShards {
		return Shard{}, errShard
	}
	return Shard{ordinal, total}, nil
}

// Set is for a flag.
func (s *Shard) Set(text string) (err error) {
	*s, err = ParseShard(text)
	return err
}

// String is the shard as ParseShard reads it, nothing for the zero Shard.
func (s Shard) String() string {
	if s.Total == 0 {
		return ""
	}
	return strconv.Itoa(s.Ordinal) + "/" + strconv.Itoa(s.Total)
}

// Holds tells whether an account falls to the shard. Accounts of one provider with the same wallet fall to the same
// one, because they keep one book: the hash is the first eight bytes, big-endian, of the SHA-256 of the provider, a zero
// byte and the wallet, which is provider/name where none is configured. From the hash to the ordinal it is a jump
// consistent hash (Lamping and Veach, 2014), so one shard more moves only the accounts that fall to the new one.
func (s Shard) Holds(a *Account) bool {
	if s.Total <= 1 {
		return true
	}
	sum := sha256.Sum256([]byte(a.Definition.Name + "\x00" + a.Wallet))
	return jump(binary.BigEndian.Uint64(sum[:]), s.Total) == s.Ordinal
}

// jump is the jump consistent hash of a key over n buckets.
func jump(key uint64, n int) int {
	bucket, next := int64(-1), int64(0)
	for next < int64(n) {
		bucket = next
		key = key*2862933555777941757 + 1
		next = int64(float64(bucket+1) * (float64(int64(1)<<31) / float64((key>>33)+1)))
	}
	return int(bucket)
}

// Of is the configuration with the accounts that fall to the shard alone, and a folder of its own for their books: two
// shards never share one, and none takes another's state for its own.
func (s Shard) Of(c *Config) *Config {
	if s.Total == 0 {
		return c
	}
	part := *c
	part.Accounts = make([]*Account, 0, len(c.Accounts)/s.Total+1)
	for _, a := range c.Accounts {
		if s.Holds(a) {
			part.Accounts = append(part.Accounts, a)
		}
	}
	if !part.Storage.None {
		part.Storage.Path = filepath.Join(part.Storage.Path, "shard-"+strconv.Itoa(s.Ordinal))
	}
	return &part
}
