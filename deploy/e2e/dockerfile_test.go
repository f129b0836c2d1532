package e2e

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The image itself cannot be built without a Docker engine. This holds what can be read: that its parts are pinned, that it
// is built by the Go that go.mod asks for, without a C library, and that it runs as a user with a number.
func TestDockerfileKeepsItsPromises(t *testing.T) {
	read := func(name string) string {
		data, err := os.ReadFile(shipped(name))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	file := read("Dockerfile")
	_, final, found := strings.Cut(file, "\nFROM gcr.io/distroless/static-debian13:nonroot\n")
	if !found {
		t.Fatal("the last stage is not distroless/static-debian13:nonroot")
	}
	toolchain := regexp.MustCompile(`(?m)^go (\S+)$`).FindStringSubmatch(read("go.mod"))
	if toolchain == nil || !strings.Contains(file, " golang:"+toolchain[1]+" AS build\n") {
		t.Errorf("it is not built by golang:%v, as go.mod has it", toolchain)
	}
	if !strings.Contains(file, "CGO_ENABLED=0 ") {
		t.Error("the binary needs a C library, and the image has none")
	}
	for what, expression := range map[string]string{
		"a numeric user":              `(?m)^USER 65532:65532$`,
		"a health check by itself":    `(?m)^HEALTHCHECK .* CMD \["/bin/credits_exporter", "healthcheck"\]$`,
		"an entry point, not a shell": `(?m)^ENTRYPOINT \["/bin/credits_exporter"\]$`,
	} {
		if !regexp.MustCompile(expression).MatchString(final) {
			t.Errorf("the image has not %s", what)
		}
	}
	for _, label := range []string{"authors", "title", "description", "source", "url", "documentation", "licenses", "version", "revision", "created"} {
		if !strings.Contains(final, " org.opencontainers.image."+label+"=") {
			t.Errorf("the image has no label %s", label)
		}
	}
	if regexp.MustCompile(`(?m)^(RUN|SHELL) `).MatchString(final) {
		t.Error("the last stage runs something, and has nothing to run it with")
	}
}
