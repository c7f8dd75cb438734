#!/usr/bin/env bash
# Tries make run as a newcomer does: waits for the bot, opens its page, presses
# Ctrl-C, and looks at what was said.
set -euo pipefail
set -m # a job gets signals as from a terminal
cd "$(dirname "$0")/.."

said=$(mktemp)
trap 'rm -f "$said"' EXIT

fail() {
	cat "$said"
	echo "try-run: $*" >&2
	exit 1
}

ADDR=127.0.0.1:0 make run >"$said" 2>&1 &
job=$!
grep -q '^Building examples/echo' <(tail -n +1 -f "$said" --pid $job) || fail 'make run does not say what it does'
grep -q 'chat page is at' <(tail -n +1 -f "$said" --pid $job) || fail 'make run ended without a bot'
address=$(sed -n 's|.*chat page is at http://\([^/]*\)/.*|\1|p' "$said")

exec 3<>"/dev/tcp/${address%:*}/${address##*:}"
printf 'GET /webhooks/web/ HTTP/1.0\r\nHost: %s\r\n\r\n' "$address" >&3
read -r status <&3
[[ $status == *' 200 '* ]] || fail "the page answers $status"
exec 3>&-

kill -INT -- -$job
wait $job || true # make ends by the signal
grep -q '^echo has stopped\.$' "$said" || fail 'the bot ends without a word'
if grep -F '***' "$said"; then fail 'make complains'; fi
cat "$said"
