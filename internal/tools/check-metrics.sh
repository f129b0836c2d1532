#!/usr/bin/env bash
# Start the demo, wait for the balances of all four vendors, and have promtool check what /metrics serves:
# check-metrics.sh PROMTOOL
set -euo pipefail
cd "$(dirname "$0")/../.."
source internal/tools/demo.sh
promtool=${1:?give the path of promtool}

start_demo
wait_for_balances
get /-/healthy >/dev/null || fail "/-/healthy does not answer 200"
get /metrics >"$demo_dir/metrics" || fail "/metrics does not answer 200"
"$promtool" check metrics --extended <"$demo_dir/metrics" || fail "promtool found the mistakes above"
stop_demo
echo "check-metrics: $(grep -vc '^#' "$demo_dir/metrics") samples, no mistake found"
