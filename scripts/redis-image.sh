#!/bin/sh
# Makes a container image from the redis-server that is installed on this
# machine, for machines that reach no image registry.
#
#   scripts/redis-image.sh NAME:TAG
#
# Needs docker, redis-server, redis-cli and, for the shell inside the image,
# busybox (Debian: docker.io redis-server redis-tools busybox-static).
set -eu

image=${1:?usage: scripts/redis-image.sh NAME:TAG}

for tool in docker redis-server redis-cli busybox ldd; do
	command -v "$tool" >/dev/null || {
		echo "redis-image.sh: $tool is not installed (Debian: apt-get install docker.io redis-server redis-tools busybox-static)" >&2
		exit 1
	}
done
if ldd "$(command -v busybox)" >/dev/null 2>&1; then
	echo "redis-image.sh: busybox is not a static binary (Debian: apt-get install busybox-static)" >&2
	exit 1
fi

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

mkdir -p "$root/bin" "$root/data" "$root/tmp" "$root/etc"
chmod 1777 "$root/tmp"
echo 'root:x:0:0:root:/:/bin/sh' >"$root/etc/passwd"
cp "$(command -v busybox)" "$root/bin/busybox"
for applet in sh cat grep; do
	ln -s busybox "$root/bin/$applet"
done
for program in redis-server redis-cli; do
	path=$(command -v "$program")
	cp -L "$path" "$root/bin/$program"
	# ldd names libraries as "name => /path (address)" and the loader as "/path (address)".
	for library in $(ldd "$path" | grep -o '/[^ ]*'); do
		mkdir -p "$root$(dirname "$library")"
		cp -L "$library" "$root$library"
	done
done

tar -C "$root" -c . | docker import \
	--change 'ENV PATH=/bin' \
	--change 'WORKDIR /data' \
	--change 'CMD ["redis-server"]' \
	- "$image" >/dev/null
echo "redis-image.sh: made $image from $(redis-server --version | cut -d ' ' -f 1-3)"
