# shellcheck shell=bash
# Sourced by the scripts that need a running exporter: the demo on a free port of loopback, asked without curl.

# fail says what went wrong, with the last lines of the demo's log, and ends the script.
fail() {
  echo "${0##*/}: $*" >&2
  if [[ -s ${demo_dir:-}/log ]]; then
    echo "The last lines of the demo's log:" >&2
    tail -n 20 "$demo_dir/log" >&2
  fi
  exit 1
}

# start_demo builds the exporter and starts its demo. It sets demo_dir, demo_pid and demo_port.
start_demo() {
  local deadline
  demo_dir=$(mktemp -d)
  trap 'kill -KILL "${demo_pid:-}" 2>/dev/null || :; rm -rf "$demo_dir"' EXIT
  go build -o "$demo_dir/credits_exporter" ./cmd/credits_exporter
  : >"$demo_dir/out"
  TMPDIR=$demo_dir "$demo_dir/credits_exporter" demo --web.listen-address=127.0.0.1:0 </dev/null >"$demo_dir/out" 2>"$demo_dir/log" &
  demo_pid=$!
  deadline=$((SECONDS + 10))
  while :; do
    kill -0 "$demo_pid" 2>/dev/null || fail "the demo ended by itself"
    # It says what to open: "Metrics:   http://127.0.0.1:43211/metrics".
    demo_port=$(sed -nE 's#^Metrics: +http://127\.0\.0\.1:([0-9]+)/.*#\1#p' "$demo_dir/out")
    [[ -z $demo_port ]] || return 0
    ((SECONDS < deadline)) || fail "after 10 s the demo has not said where its metrics are"
    sleep 0.1
  done
}

# get prints the body of a page, or fails if the answer is not a 200.
get() (
  exec 3<>"/dev/tcp/127.0.0.1/$demo_port" || exit 1
  # HTTP/1.0 has neither chunks nor a connection that stays open.
  printf 'GET %s HTTP/1.0\r\n\r\n' "$1" >&3
  IFS= read -r -t 10 status <&3 || exit 1
  [[ $status == *" 200 "* ]] || exit 1
  timeout 10 sed '1,/^\r$/d' <&3
) 2>/dev/null

# wait_for_balances waits until all four vendors' balances are on /metrics, 20 s at most.
wait_for_balances() {
  local deadline=$((SECONDS + 20)) metrics provider missing
  while :; do
    kill -0 "$demo_pid" 2>/dev/null || fail "the demo ended by itself"
    metrics=$(get /metrics) || metrics=
    missing=
    for provider in massive deepixels olostep liveavatar; do
      grep -q "^credits_remaining{.*provider=\"$provider\"" <<<"$metrics" || missing+=" $provider"
    done
    [[ -n $missing ]] || return 0
    ((SECONDS < deadline)) || fail "after 20 s there is no credits_remaining of:$missing"
    sleep 0.2
  done
}

# stop_demo ends the demo as an operator would: SIGTERM, gone within 5 s, exit status 0.
stop_demo() {
  local deadline=$((SECONDS + 6)) status=0
  kill -TERM "$demo_pid"
  while kill -0 "$demo_pid" 2>/dev/null; do
    ((SECONDS < deadline)) || fail "the demo still runs 5 s after SIGTERM"
    sleep 0.1
  done
  wait "$demo_pid" || status=$?
  ((status == 0)) || fail "the demo ended with exit status $status after SIGTERM"
}
