#!/bin/sh
# Microsoft's own clients against the sandbox: the Azure SDKs for JavaScript and Debian's azure-cli,
# under local names and under those of the public and China clouds. usage: run.sh CLAVIGER [NAMES...]
# Exit 77 when node is missing or older than 20; az is left out, aloud, where it cannot be installed.
here=$(cd "$(dirname "$0")" && pwd)
claviger=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
shift
[ $# -gt 0 ] || set -- local public china
version=$(node --version 2>/dev/null | sed -n 's/^v\([0-9]*\).*/\1/p')
if [ "${version:-0}" -lt 20 ]; then
	echo "skipped: node 20 or newer is needed (found: ${version:-none})"
	exit 77
fi
command -v az >/dev/null 2>&1 || sh "$here/../packages.sh" azure-cli python3-azure
work=${CLIENTS_DIR:-$(mktemp -d)} || exit 1
cp "$here/package.json" "$here"/*.mjs "$work/" && (cd "$work" && npm install --no-audit --no-fund --silent) || exit 1
bad=0
for names in "$@"; do
	echo "== $names names"
	state=$(mktemp -d) || exit 1
	"$claviger" sandbox --state "$state" --listen 127.0.0.1:0 --names "$names" --print-env --detach >"$state/env" || exit 1
	(
		. "$state/env"
		export NODE_EXTRA_CA_CERTS="$CLAVIGER_CA"
		[ -z "$CLAVIGER_PROXY" ] || export HTTPS_PROXY="$CLAVIGER_PROXY"
		cd "$work" && node life.mjs
	) || bad=1
	if command -v az >/dev/null 2>&1; then
		(. "$state/env" && sh "$here/az.sh") || bad=1
	else
		echo 'left out: azure-cli is not installed'
	fi
	kill "$(sed -n "s/^export CLAVIGER_SANDBOX_PID='\(.*\)'/\1/p" "$state/env")"
	rm -rf "$state"
done
[ -n "$CLIENTS_DIR" ] || rm -rf "$work"
exit $bad
