#!/usr/bin/env bash
# Runs a command in a clone of this repository, on a Debian 12 that has nothing
# but Go, make, git and CA certificates:
#
#   scripts/fresh.sh make test
#
# What a developer's machine has by luck is not there, neither programs nor
# caches nor a Docker engine. What is not committed is not there either. The
# command is bounded by namespaces of its own: nothing that it starts or mounts
# remains. Its network is this machine's.
#
# Needs root and debootstrap. A minimal Debian is made once, in FRESH_BASE
# (default: in the user's cache folder), and copied for each run.
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
suite=bookworm
base=${FRESH_BASE:-${XDG_CACHE_HOME:-$HOME/.cache}/chat-go/debian-$suite}

say() { echo "fresh: $*" >&2; }

if [[ ${1:-} == --inside ]]; then
	# In namespaces of our own: mounts are seen by nobody else and end with us.
	root=$2
	shift 2
	mount --bind "$(go env GOROOT)" "$root/usr/local/go"
	mount -t proc proc "$root/proc"
	mount --rbind /sys "$root/sys"
	mount --rbind /dev "$root/dev"
	# How this machine reaches its package sources.
	settings=()
	while IFS= read -r line; do
		settings+=("$line")
	done < <(env | grep -iE '^(https?_proxy|no_proxy|npm_config_[a-z_]*)=' || true)
	for name in GOPROXY GOSUMDB GONOSUMDB GONOPROXY GOPRIVATE GOINSECURE; do
		settings+=("$name=$(go env $name)")
	done
	certificates=/etc/ssl/certs/ca-certificates.crt
	exec chroot "$root" /usr/bin/env -i HOME=/root TERM="${TERM:-dumb}" LANG=C.UTF-8 \
		PATH=/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		SSL_CERT_FILE=$certificates NODE_EXTRA_CA_CERTS=$certificates "${settings[@]}" \
		/bin/bash -c 'cd ~/chat-go && exec "$@"' bash "$@"
fi

(($# > 0)) || {
	say 'usage: scripts/fresh.sh COMMAND [ARGUMENT...]'
	exit 2
}
problems=()
((EUID == 0)) || problems+=('this needs root, for chroot and debootstrap')
for program in debootstrap unshare git go; do
	command -v $program >/dev/null || problems+=("$program is not installed (Debian: apt-get install debootstrap util-linux git)")
done
if ((${#problems[@]} > 0)); then
	for problem in "${problems[@]}"; do say "$problem"; done
	exit 1
fi

# sources prints the Debian sources of this machine, if it is a Debian.
sources() {
	apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' 2>/dev/null |
		grep -E " $suite(-updates|-security)? " | sort -u || true
}

if [[ ! -d $base ]]; then
	say "making a minimal Debian in $base, once"
	mkdir -p "$(dirname "$base")"
	made=$(mktemp -d "$base.XXXXXX")
	trap 'rm -rf --one-file-system "$made"' EXIT
	mirror=$(sources | sed -n "s|^deb \([^ ]*\) $suite .*|\1|p" | head -n 1)
	debootstrap --variant=minbase --include=git,make,ca-certificates "$suite" "$made" ${mirror:+"$mirror"} >"$made.log" 2>&1 || {
		cat "$made.log" >&2
		say 'debootstrap failed'
		exit 1
	}
	rm "$made.log"
	chmod 755 "$made"
	mv -T "$made" "$base"
fi

root=$(mktemp -d -t fresh-XXXXXX)
trap 'rm -rf --one-file-system "$root"' EXIT
cp -a --reflink=auto "$base/." "$root/"
mkdir -p "$root/usr/local/go"
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
if command -v apt-config >/dev/null; then
	apt-config dump Acquire | grep -v '^Acquire::IndexTargets' >"$root/etc/apt/apt.conf.d/99fresh"
fi
[[ -z $(sources) ]] || sources >"$root/etc/apt/sources.list"
if [[ -f ~/.npmrc ]]; then cp ~/.npmrc "$root/root/"; fi
git clone --quiet --no-hardlinks "$repository" "$root/root/chat-go"
[[ -z $(git -C "$repository" status --porcelain) ]] || say 'the working tree is not clean: this is about what is committed'

unshare --mount --pid --fork --kill-child "$0" --inside "$root" "$@"
