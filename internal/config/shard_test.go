package config

import (
	"fmt"
	"testing"

	"github.com/credits-exporter/credits_exporter/providers"
)

func TestParseShard(t *testing.T) {
	for text, want := range map[string]Shard{"0/1": {0, 1}, "0/3": {0, 3}, "2/3": {2, 3}, "99/100": {99, 100}, "9999/10000": {9999, 10000}} {
		got, err := ParseShard(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "1", "/", "0/", "/3", "3/3", "4/3", "-1/3", "0/0", "0/-3", "00/3", "01/3", "0/03", "+0/3", "0 /3", " 0/3", "0/3 ", "0/3/1", "a/b", "0x0/3", "0/10001", "0/99999999999999999999",
	} {
		if got, err := ParseShard(text); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}

func shardAccounts(n int) []*Account {
	d := &providers.Definition{Name: "olostep"}
	accounts := make([]*Account, n)
	for i := range accounts {
		name := fmt.Sprintf("customer-%06d", i)
		accounts[i] = &Account{Definition: d, Name: name, Wallet: "olostep/" + name}
	}
	return accounts
}

func TestShardsPartition(t *testing.T) {
	accounts := shardAccounts(5000)
	for _, total := range []int{1, 2, 3, 7, 16} {
		for ordinal := range total {
			held := 0
			for _, a := range accounts {
				if (Shard{ordinal, total}).Holds(a) {
					held++
				}
			}
			if even := len(accounts) / total; held < even*8/10 || held > even*12/10 {
				t.Errorf("shard %d/%d has %d of %d accounts", ordinal, total, held, len(accounts))
			}
		}
		for _, a := range accounts {
			holders := 0
			for ordinal := range total {
				if (Shard{ordinal, total}).Holds(a) {
					holders++
				}
			}
			if holders != 1 {
				t.Fatalf("%s falls to %d of %d shards", a.Name, holders, total)
			}
		}
	}
}

// Another program, or a later version, must find the same: books would begin anew.
func TestShardsAreStable(t *testing.T) {
	got := ""
	for _, a := range shardAccounts(12) {
		for ordinal := range 5 {
			if (Shard{ordinal, 5}).Holds(a) {
				got += fmt.Sprint(ordinal)
			}
		}
	}
	if want := "030112421010"; got != want {
		t.Errorf("twelve accounts fall to the shards %s, want %s", got, want)
	}
}

func TestOneShardMoreMovesOnlyWhatFallsToIt(t *testing.T) {
	moved := 0
	accounts := shardAccounts(5000)
	for _, a := range accounts {
		for ordinal := range 4 {
			if (Shard{ordinal, 4}).Holds(a) && !(Shard{ordinal, 5}).Holds(a) {
				moved++
				if !(Shard{4, 5}).Holds(a) {
					t.Fatalf("%s moves from one old shard to another", a.Name)
				}
			}
		}
	}
	if fifth := len(accounts) / 5; moved < fifth*8/10 || moved > fifth*12/10 {
		t.Errorf("%d of %d accounts move, want about a fifth", moved, len(accounts))
	}
}

func TestAWalletIsNotDivided(t *testing.T) {
	accounts := shardAccounts(50)
	for i := range accounts {
		accounts[i].Wallet = "main"
	}
	all := &Config{Accounts: accounts, Storage: Storage{Path: "data"}}
	for ordinal := range 8 {
		part := Shard{ordinal, 8}.Of(all)
		if n := len(part.Accounts); n != 0 && n != len(accounts) {
			t.Errorf("shard %d has %d of %d accounts of one wallet", ordinal, n, len(accounts))
		}
		if want := fmt.Sprintf("data/shard-%d", ordinal); part.Storage.Path != want {
			t.Errorf("shard %d keeps its books in %s, want %s", ordinal, part.Storage.Path, want)
		}
	}
	if whole := (Shard{}).Of(all); whole != all || len(all.Accounts) != 50 || all.Storage.Path != "data" {
		t.Error("without shards the configuration is another one")
	}
}
