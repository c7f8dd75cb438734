#!/bin/sh
# Sets up what the tests need and runs a command with it:
#
#   scripts/with-test-env.sh go test -race ./state-redis/...
#
# Redis comes from containers if a Docker engine answers, else from a local
# redis-server. REDISTEST_PROVIDER=containers or local forces one, and
# REDISTEST_IMAGE names the image. What is missing is installed where apt-get
# can do that, which is as root on Debian and its relatives. Elsewhere a
# message says what to install.
set -eu

scripts=$(cd "$(dirname "$0")" && pwd)
local_image=redistest/redis:local
default_image=redis:7.2-alpine # redistest.DefaultImage

say() { echo "set-up: $*" >&2; }

fail() {
	say "$*"
	exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# install PROGRAM PACKAGE... installs the packages unless the program is there.
install() {
	program=$1
	shift
	has "$program" && return
	if [ "$(id -u)" != 0 ] || ! has apt-get; then
		return 1
	fi
	say "installing $*"
	log=$(mktemp)
	if [ -z "${apt_updated:-}" ]; then
		quietly apt-get -qq update
		apt_updated=1
	fi
	export DEBIAN_FRONTEND=noninteractive
	quietly apt-get -qq -y --no-install-recommends install "$@"
	rm -f "$log"
}

# quietly runs a command and shows what it said only if it fails.
quietly() {
	"$@" >"$log" 2>&1 || {
		cat "$log" >&2
		fail "$* failed"
	}
}

engine_answers() { has docker && timeout 10 docker info >/dev/null 2>&1; }

# have_image leaves REDISTEST_IMAGE naming an image that is there.
have_image() {
	image=${REDISTEST_IMAGE:-$default_image}
	docker image inspect "$image" >/dev/null 2>&1 && return
	if [ -z "${REDISTEST_IMAGE:-}" ] && docker image inspect "$local_image" >/dev/null 2>&1; then
		export REDISTEST_IMAGE="$local_image"
		return
	fi
	say "pulling $image"
	timeout 120 docker pull --quiet "$image" >/dev/null 2>&1 && return
	[ -z "${REDISTEST_IMAGE:-}" ] || return 1
	say "$image can not be pulled; making an image from the local redis-server"
	install redis-server redis-server && install busybox busybox-static || return 1
	"$scripts/redis-image.sh" "$local_image" >&2 || return 1
	export REDISTEST_IMAGE="$local_image"
}

use_local() {
	install redis-server redis-server ||
		fail "no Docker engine answers and redis-server is not on PATH: install redis-server 7.0 or newer, or start a Docker engine"
	export REDISTEST_PROVIDER=local
}

install cc gcc libc6-dev ||
	fail "no C compiler: go test -race needs one, such as gcc with libc6-dev"

case ${REDISTEST_PROVIDER:-} in
local) use_local ;;
containers)
	engine_answers || fail "REDISTEST_PROVIDER is containers, and no Docker engine answers"
	have_image || fail "image ${REDISTEST_IMAGE:-$default_image} can not be had, and none can be made here"
	;;
'')
	if engine_answers && have_image; then
		export REDISTEST_PROVIDER=containers
	else
		use_local
	fi
	;;
*) fail "REDISTEST_PROVIDER is \"$REDISTEST_PROVIDER\", want containers or local" ;;
esac

has google-chrome || install chromium chromium ||
	say "no chromium on PATH: the tests of the web page will fail until it is installed"
{ install node nodejs && install npm npm; } ||
	say "no node and npm on PATH: install them for the tests against npm packages"

say "Redis from $REDISTEST_PROVIDER${REDISTEST_IMAGE:+, image $REDISTEST_IMAGE}"
exec "$@"
