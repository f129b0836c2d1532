#!/usr/bin/env bash
# Checks deploy/alertmanager/alertmanager.yml with the amtool given: as it is, and with its alternatives ("#: ") in use; then
# that each alert of routes.txt goes to the receiver that stands there.
set -euo pipefail

if [ $# -ne 1 ]; then
	echo "usage: $0 AMTOOL" >&2
	exit 2
fi
amtool=$1
dir=$(dirname "$0")/../../deploy/alertmanager
config=$dir/alertmanager.yml

"$amtool" check-config "$config" >/dev/null

with_alternatives=$(mktemp)
trap 'rm -f "$with_alternatives"' EXIT
sed 's/^\( *\)#: /\1/' "$config" >"$with_alternatives"
"$amtool" check-config "$with_alternatives" >/dev/null

routes=0
while read -r receiver labels; do
	case $receiver in '' | '#'*) continue ;; esac
	# The labels are words of their own.
	# shellcheck disable=SC2086
	"$amtool" config routes test --config.file="$config" --verify.receivers="$receiver" $labels >/dev/null || {
		echo "$0: this alert does not go to $receiver: $labels" >&2
		exit 1
	}
	routes=$((routes + 1))
done <"$dir/routes.txt"
if [ "$routes" -eq 0 ]; then
	echo "$0: $dir/routes.txt is empty" >&2
	exit 1
fi
echo "alertmanager.yml is valid, and $routes alerts go where they should"
