#!/usr/bin/env bash
# Run every fuzz test of this module for a while: fuzz.sh [TIME], 10s if left out. Finds them by itself.
set -euo pipefail
cd "$(dirname "$0")/../.."
time=${1:-10s}

# run_one runs one fuzz test and shows its output if it fails.
#
# When the time is up, the fuzzer of Go 1.26 and before sometimes reports "context deadline exceeded" though nothing
# failed (https://go.dev/issue/75804). A real failure names the input that it wrote; without one it is tried again.
run_one() {
  local package=$1 name=$2 try output
  for try in 1 2; do
    if output=$(go test -run '^$' -fuzz "^$name\$" -fuzztime "$time" "$package" 2>&1); then
      grep -E '^fuzz: elapsed' <<<"$output" | tail -n 1
      return 0
    fi
    if ((try == 2)) || [[ $output == *"Failing input written"* ]] || [[ $output != *"context deadline exceeded"* ]]; then
      echo "$output"
      return 1
    fi
    echo "the fuzzer ran into its own deadline; trying again"
  done
}

found=0 failed=()
while read -r package dir; do
  tests=("$dir"/*_test.go)
  [[ -e ${tests[0]} ]] || continue
  while read -r name; do
    found=$((found + 1))
    echo "-- $package $name"
    run_one "$package" "$name" || failed+=("$package $name")
  done < <(sed -nE 's/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/p' "${tests[@]}")
done < <(go list -f '{{.ImportPath}} {{.Dir}}' ./...)

if ((found == 0)); then
  echo "fuzz.sh: found no fuzz test" >&2
  exit 1
fi
if ((${#failed[@]})); then
  printf 'fuzz.sh: failed: %s\n' "${failed[@]}" >&2
  exit 1
fi
echo "fuzz: $found fuzz tests, $time each, none failed"
