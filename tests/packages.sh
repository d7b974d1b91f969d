#!/bin/sh
# Installs the Debian packages named, those that are missing; where that is not possible it prints
# the exact line to run and fails.
missing=
for package in "$@"; do
	dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' ||
		missing="$missing $package"
done
[ -z "$missing" ] && exit 0

if [ "$(id -u)" = 0 ]; then
	as=
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
	as='sudo -n'
else
	echo "claviger: packages are missing and neither root nor sudo is at hand; run:" >&2
	echo "  apt-get install -y --no-install-recommends$missing" >&2
	exit 1
fi
echo "installing:$missing" >&2
install() {
	$as env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $missing >&2
}
install 2>/dev/null || { $as apt-get -qq update >&2 && install; } || {
	echo "claviger: apt-get install failed for:$missing" >&2
	exit 1
}
