package native

import (
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
)

var testNow = time.Unix(1795262400, 0)

// RFC 7515, appendix A.1: the signature of a JWS with HMAC SHA-256.
func TestHS256(t *testing.T) {
	key, err := base64.RawURLEncoding.DecodeString("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
	if err != nil {
		t.Fatal(err)
	}
	got := hs256("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ", key)
	if want := "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// There is room for so many tokens; those that ended make room, the others stay.
func TestTokensAreBounded(t *testing.T) {
	kept := newTokens()
	earned := 0
	get := func(name string, now time.Time, life time.Duration) {
		t.Helper()
		_, err := kept.get(ownerOf(name), now, func() (token, error) {
			earned++
			return token{value: name, until: now.Add(life)}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := range maxTokens {
		get(fmt.Sprint("first", i), testNow, time.Duration(1+i%2)*time.Hour)
	}
	get("no room", testNow, time.Hour)
	get("no room", testNow, time.Hour)
	if earned != maxTokens+2 || len(kept.kept) != maxTokens {
		t.Fatalf("%d earned, %d kept", earned, len(kept.kept))
	}
	later := testNow.Add(time.Hour)
	get("now there is", later, time.Hour)
	get("now there is", later, time.Hour)
	get("first1", later, time.Hour)
	if earned != maxTokens+3 || len(kept.kept) != maxTokens/2+1 {
		t.Errorf("%d earned, %d kept", earned, len(kept.kept))
	}
}

// A token that was refused late does not take away the one that came after it.
func TestDropOnlyWhatWasRefused(t *testing.T) {
	kept, of := newTokens(), ownerOf("a")
	next, live := 0, testNow.Add(time.Hour)
	earn := func() (token, error) { next++; return token{value: fmt.Sprint("test-token-", next), until: live}, nil }
	first, err := kept.get(of, testNow, earn)
	if err != nil {
		t.Fatal(err)
	}
	kept.drop(of, first)
	second, err := kept.get(of, testNow, earn)
	if err != nil {
		t.Fatal(err)
	}
	kept.drop(of, first)
	if third, err := kept.get(of, testNow, earn); err != nil || third != second || first == second {
		t.Errorf("%v, %v, %v: %v", first, second, third, err)
	}
}

func TestTokensTogether(t *testing.T) {
	kept := newTokens()
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			of := ownerOf(fmt.Sprint(i % 5))
			got, err := kept.get(of, testNow, func() (token, error) {
				return token{value: fmt.Sprint("test-token-", i%5), until: testNow.Add(time.Hour)}, nil
			})
			if err != nil || got.value != fmt.Sprint("test-token-", i%5) {
				t.Errorf("%v: %v", got, err)
			}
			if i%3 == 0 {
				kept.drop(of, got)
			}
		})
	}
	all.Wait()
}

// No parts make the same owner as others that only join to the same text.
func TestOwners(t *testing.T) {
	if ownerOf("ab", "c") == ownerOf("a", "bc") || ownerOf("a") == ownerOf("a", "") {
		t.Error("owners are mixed up")
	}
}

func TestJWTEnd(t *testing.T) {
	encode := func(claims string) string {
		return "eyJhbGciOiJIUzI1NiJ9." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
	}
	tests := map[string]time.Duration{
		encode(`{"exp": 1795266000}`):   59 * time.Minute,
		encode(`{"exp": 1795266000.5}`): 59*time.Minute + time.Second/2,
		encode(`{"exp": 1e300}`):        24*time.Hour - time.Minute,
		encode(`{"exp": 1795262460}`):   0,
		encode(`{"exp": 1}`):            0,
		encode(`{"exp": -1e300}`):       0,
		encode(`{"exp": "1795266000"}`): 0,
		encode(`{"exp": null}`):         0,
		encode(`{}`):                    0,
		encode(`[`):                     0,
		"":                              0,
		"test-token":                    0,
		"a.%.c":                         0,
		base64.RawURLEncoding.EncodeToString([]byte(`{"exp": 1795266000}`)):        0,
		"a." + base64.RawURLEncoding.EncodeToString([]byte(`{"exp": 1795266000}`)): 0,
	}
	for jwt, want := range tests {
		got := jwtEnd(jwt, testNow)
		if want == 0 && !got.IsZero() || want != 0 && got.Sub(testNow) != want {
			t.Errorf("%s: %v, want %v", jwt, got, want)
		}
	}
}

// Whatever a vendor answers, a token that is taken can be sent, and an error is one of ours.
func FuzzToken(f *testing.F) {
	for _, seed := range []string{
		`{"access_token": "test-token", "token_type": "Bearer", "expires_in": 3600}`, `{"access_token": "a.eyJleHAiOjF9.c"}`,
		`{"access_token": "\u0000"}`, `{"access_token": "ä"}`, `{"access_token": null, "expires_in": 1e400}`, `[]`, `null`, ``, `{"access_token": "a"} {}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var answer struct {
			AccessToken string  `json:"access_token"`
			ExpiresIn   float64 `json:"expires_in"`
		}
		err := readToken(providers.Answer{Status: 200, Body: body}, &answer)
		if err == nil {
			err = checkToken(answer.AccessToken, 200)
		}
		if err != nil {
			if failure, ok := errors.AsType[*providers.Error](err); !ok || failure.Reason != providers.ReasonBadResponse {
				t.Fatalf("%v", err)
			}
			return
		}
		for _, end := range []time.Time{until(testNow, answer.ExpiresIn), jwtEnd(answer.AccessToken, testNow)} {
			if !end.IsZero() && (!end.After(testNow) || end.After(testNow.Add(maxTokenLife))) {
				t.Errorf("kept until %v", end)
			}
		}
		for _, r := range answer.AccessToken {
			if r <= ' ' || r > '~' {
				t.Errorf("%q cannot be sent", answer.AccessToken)
			}
		}
	})
}
