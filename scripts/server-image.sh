#!/bin/sh
# Makes a container image from a server that is installed on this machine, for
# machines that reach no image registry.
#
#   scripts/server-image.sh redis|postgres NAME:TAG
#
# Needs docker, the server and, for the shell inside the image, busybox (Debian:
# docker.io, redis-server and redis-tools or postgresql, busybox-static).
set -eu

usage='usage: scripts/server-image.sh redis|postgres NAME:TAG'
server=${1:?$usage}
image=${2:?$usage}

# need names what is missing and the package of Debian's that has it.
need() {
	command -v "$1" >/dev/null || {
		echo "server-image.sh: $1 is not installed (Debian: apt-get install $2)" >&2
		exit 1
	}
}

need docker docker.io
need busybox busybox-static
need ldd libc-bin
if ldd "$(command -v busybox)" >/dev/null 2>&1; then
	echo "server-image.sh: busybox is not a static binary (Debian: apt-get install busybox-static)" >&2
	exit 1
fi

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

# copy_libraries copies what a program or library is linked with.
# ldd names libraries as "name => /path (address)" and the loader as "/path (address)".
copy_libraries() {
	for library in $(ldd "$1" 2>/dev/null | grep -o '/[^ ]*'); do
		if ! [ -e "$root$library" ]; then
			mkdir -p "$root$(dirname "$library")"
			cp -L "$library" "$root$library"
		fi
	done
}

mkdir -p "$root/bin" "$root/data" "$root/tmp" "$root/etc"
chmod 1777 "$root/tmp"
echo 'root:x:0:0:root:/:/bin/sh' >"$root/etc/passwd"
cp "$(command -v busybox)" "$root/bin/busybox"
for applet in sh cat grep; do
	ln -s busybox "$root/bin/$applet"
done

case $server in
redis)
	path=/bin command=redis-server
	for program in redis-server redis-cli; do
		need $program 'redis-server redis-tools'
		cp -L "$(command -v $program)" "$root/bin/$program"
		copy_libraries "$root/bin/$program"
	done
	version=$(redis-server --version | cut -d ' ' -f 1-3)
	;;
postgres)
	home=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1) || true
	[ -n "$home" ] || need postgres postgresql
	home=${home%/bin}
	path=$home/bin:/bin command=postgres
	echo 'postgres:x:70:70:postgres:/var/lib/postgresql:/bin/sh' >>"$root/etc/passwd"
	echo 'postgres:x:70:' >"$root/etc/group"
	share=/usr/share/postgresql/${home##*/}
	mkdir -p "$root$home" "$root$share" "$root/usr/share" "$root/var/lib/postgresql"
	cp -RL "$home/bin" "$home/lib" "$root$home/"
	cp -RL "$share/." "$root$share/"
	cp -RL /usr/share/zoneinfo "$root/usr/share/"
	for file in "$root$home"/bin/* "$root$home"/lib/*.so; do
		copy_libraries "$file"
	done
	chown -R 70:70 "$root/var/lib/postgresql" 2>/dev/null || chmod 1777 "$root/var/lib/postgresql"
	version=$("$home/bin/postgres" --version)
	;;
*)
	echo "$usage" >&2
	exit 2
	;;
esac

tar -C "$root" -c . | docker import \
	--change "ENV PATH=$path" \
	--change 'WORKDIR /data' \
	--change "CMD [\"$command\"]" \
	- "$image" >/dev/null
echo "server-image.sh: made $image from $version"
