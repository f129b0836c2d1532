#!/usr/bin/env bash
# Run every fuzz test of this module for a while: fuzz.sh [TIME], 10s if left out. Finds them by itself.
# As many run at once as there are processors, with one worker each.
set -euo pipefail
cd "$(dirname "$0")/../.."
export fuzztime=${1:-10s}

# run_one PACKAGE NAME runs one fuzz test and shows its output if it fails.
#
# When the time is up, the fuzzer of Go 1.26 and before sometimes reports "context deadline exceeded" though nothing
# failed (https://go.dev/issue/75804). A real failure names the input that it wrote; without one it is tried again.
run_one() {
  local package=$1 name=$2 try output
  for try in 1 2; do
    if output=$(go test -run '^$' -fuzz "^$name\$" -fuzztime "$fuzztime" -parallel 1 "$package" 2>&1); then
      printf 'ok    %s %s: %s\n' "$package" "$name" "$(grep '^fuzz: elapsed' <<<"$output" | tail -n 1)"
      return 0
    fi
    if ((try == 2)) || [[ $output == *"Failing input written"* ]] || [[ $output != *"context deadline exceeded"* ]]; then
      break
    fi
  done
  printf 'FAIL  %s %s\n%s\n' "$package" "$name" "$output"
  return 1
}
export -f run_one

# list prints the package and the name of each fuzz test.
list() {
  local package dir file
  go list -f '{{.ImportPath}} {{.Dir}}' ./... | while read -r package dir; do
    for file in "$dir"/*_test.go; do
      if [[ -e $file ]]; then
        sed -nE "s#^func (Fuzz[A-Za-z0-9_]*)\(.*#$package \1#p" "$file"
      fi
    done
  done
}

tests=$(list)
if [[ -z $tests ]]; then
  echo "fuzz.sh: found no fuzz test" >&2
  exit 1
fi
xargs -L 1 -P "$(getconf _NPROCESSORS_ONLN)" bash -c 'run_one "$@"' run_one <<<"$tests"
echo "fuzz: $(wc -l <<<"$tests") fuzz tests, $fuzztime each, none failed"
