#!/usr/bin/env bash
# Run the demo for a while and fail if it leaks: soak.sh [TIME], as in 90s, 10m, 1h; 1h if left out.
#
# Compared are the smallest values of two equal stretches, a sixth of the time each: one after a warm-up, and the last.
# The smallest heap of a stretch is the one just after a garbage collection, so what it grows by is really held.
set -euo pipefail
cd "$(dirname "$0")/../.."
source internal/tools/demo.sh

time=${1:-1h}
[[ $time =~ ^([1-9][0-9]*)([smh])$ ]] || fail "not a time: $time (give it as 90s, 10m or 1h)"
case ${BASH_REMATCH[2]} in s) unit=1 ;; m) unit=60 ;; h) unit=3600 ;; esac
total=$((BASH_REMATCH[1] * unit))
((total >= 60)) || fail "$time is too short to see a leak; give it 60s or more"
pause=$((total / 360 + 1))

# What must not grow, and by how much it may: a tenth of what it was, and this.
declare -A slack=([go_goroutines]=5 [process_open_fds]=5 [go_memstats_heap_alloc_bytes]=4194304)
declare -A early=() late=()

# note keeps the smallest value of each metric in the array named.
note() {
  local -n smallest=$1
  local metric value
  for metric in "${!slack[@]}"; do
    value=$(awk -v m="$metric" '$1 == m {printf "%d", $2}' <<<"$2")
    [[ -n $value ]] || fail "/metrics has no $metric"
    # shellcheck disable=SC2004 # the array is associative, behind a name
    if [[ -z ${smallest[$metric]:-} ]] || ((value < smallest[$metric])); then
      smallest[$metric]=$value
    fi
  done
}

start_demo
wait_for_balances
echo "soak: the demo runs for $time on http://127.0.0.1:$demo_port"
begin=$SECONDS
while ((SECONDS - begin < total)); do
  sleep "$pause"
  metrics=$(get /metrics) || fail "/metrics does not answer after $((SECONDS - begin)) s"
  elapsed=$((SECONDS - begin))
  if ((elapsed > total / 6 && elapsed <= total / 3)); then
    note early "$metrics"
  elif ((elapsed > total * 5 / 6)); then
    note late "$metrics"
  fi
done
wait_for_balances
stop_demo

leaks=0
for metric in "${!slack[@]}"; do
  most=$((early[$metric] * 11 / 10 + slack[$metric]))
  verdict=ok
  if ((late[$metric] > most)); then
    verdict=LEAK
    leaks=$((leaks + 1))
  fi
  printf '%-30s early %10d  late %10d  allowed %10d  %s\n' "$metric" "${early[$metric]}" "${late[$metric]}" "$most" "$verdict"
done
((leaks == 0)) || fail "$leaks of ${#slack[@]} grew"
