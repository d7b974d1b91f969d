#!/bin/sh
# deb.sh VERSION OUT PACKAGE...: a source tree under OUT with the templates beside this script
# filled in (PACKAGE...: what it is built with), and the Debian package that comes of it. DEBFULLNAME
# and DEBEMAIL say who builds; SOURCE_DATE_EPOCH when.
set -eu
version=$1 out=$2
shift 2
name=${DEBFULLNAME:-claviger authors}
address=${DEBEMAIL:-claviger@packages.invalid}
date=$(LC_ALL=C date -uRd "@${SOURCE_DATE_EPOCH:-$(date +%s)}")
tree=$out/claviger-$version

rm -rf "$out"
mkdir -p "$tree"
tar -cf - --exclude=./build --exclude=./.git --exclude=./.packaging --exclude=./.ci . | tar -C "$tree" -xf -
cp -r .packaging/debian "$tree/debian"

# What every machine that builds packages has is not named.
depends=$(for package in "$@"; do
	case $package in
	gcc | binutils | libc6-dev | make | dpkg-dev | ncurses-base) ;;
	*) printf ' %s,\n' "$package" ;;
	esac
done | sed '$s/,$//')

fill() {
	awk -v version="$version" -v maintainer="$name <$address>" -v date="$date" -v depends="$depends" '
		$0 == "@BUILD_DEPENDS@" { print depends; next }
		$0 == "@LICENSE@" {
			while ((getline line < "LICENSE") > 0)
				if (++n > 4) print line == "" ? " ." : " " line
			next
		}
		{ gsub(/@VERSION@/, version); gsub(/@MAINTAINER@/, maintainer); gsub(/@DATE@/, date); print }
	' "$1" >"$1.new" && mv "$1.new" "$1"
}
fill "$tree/debian/control"
fill "$tree/debian/changelog"
fill "$tree/debian/copyright"

cd "$tree"
dpkg-buildpackage -us -uc >../build.log 2>&1 || {
	tail -n 40 ../build.log >&2
	echo "deb: dpkg-buildpackage failed; see $out/build.log" >&2
	exit 1
}
cd ..
lintian --allow-root --fail-on error,warning --tag-display-limit 0 claviger_*.changes
ls claviger_*.deb
