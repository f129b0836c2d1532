package config

import (
	"maps"
	"net/url"
	"sync"
)

// shared is what many accounts have in common, so that it is kept once. Nobody modifies it. It is safe for concurrent
// use.
type shared struct {
	mu     sync.Mutex
	labels []map[string]string // the latest different ones
	urls   map[string]*url.URL
}

// sharedAtMost bounds how much is remembered of a kind.
const sharedAtMost = 16

// labelled is a map of labels that is equal and that other accounts may have, too: labels name teams and tiers, of which
// there are few, and a map takes much more than what is in it.
func (s *shared) labelled(labels map[string]string) map[string]string {
	if labels == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, known := range s.labels {
		if maps.Equal(known, labels) {
			return known
		}
	}
	s.labels = append(s.labels, labels)
	s.labels = s.labels[max(0, len(s.labels)-sharedAtMost):]
	return labels
}

// url is the URL that a text is, nil when it is none.
func (s *shared) url(text string) *url.URL {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.urls[text]; ok {
		return known
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil
	}
	if s.urls == nil || len(s.urls) >= sharedAtMost {
		s.urls = map[string]*url.URL{}
	}
	s.urls[text] = u
	return u
}
