package e2e

import (
	"os/exec"
	"regexp"
	"strconv"
	"testing"
)

// systemd rates how much a service may do from 0.0 (nothing) to 10.0. Exposure of at most 2.0 is promised.
func TestUnitIsHardened(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not there, so the unit's hardening was not rated")
	}
	version, err := exec.Command(analyze, "--version").Output()
	if match := regexp.MustCompile(`^systemd (\d+)`).FindSubmatch(version); err != nil || match == nil {
		t.Fatalf("systemd-analyze --version: %s, %v", version, err)
	} else if n, _ := strconv.Atoi(string(match[1])); n < 250 {
		t.Skipf("systemd %d cannot rate a unit that is not installed (250 can)", n)
	}
	output, err := exec.Command(analyze, "security", "--offline=true", "--no-pager", "--threshold=20",
		shipped("deploy/systemd/credits_exporter.service")).CombinedOutput()
	if err != nil {
		t.Errorf("systemd-analyze: %v\n%s", err, output)
	}
	if !regexp.MustCompile(`Overall exposure level for credits_exporter.service: ([01]\.\d|2\.0) `).Match(output) {
		t.Errorf("systemd-analyze does not rate it 2.0 or less:\n%s", output)
	}
}
