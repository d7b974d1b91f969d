#!/bin/sh
# The first run without a terminal: onboards an account on a sandbox that is thrown away afterwards, and
# prints each step with the request that was really sent and what came of it.
# Usage: sh tests/flow/first-run.sh BINARY
binary=${1:-build/claviger}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
sandbox=--sandbox=$dir/state

show() {
	echo "\$ claviger --sandbox=DIR $*"
}

echo "claviger on its built-in sandbox (no terminal here: the same as the console does, step by step)"
echo
show account list
"$binary" "$sandbox" account list -o table || exit
echo
set -- onboard aa-payroll --vault kv-payroll --key cmk-payroll --yes
show "$@"
"$binary" "$sandbox" "$@" -o tsv >"$dir/steps" --query \
	'steps[].[name, state, request.method, request.url, request.body, seconds, note, error.message]'
code=$?
awk -F '\t' '{
	printf "%d. %-10s %s%s\n", NR, $1, $2, $6 == "" ? "" : sprintf(" in %.3f s", $6)
	if ($4 != "") printf "     %s %s\n", $3, $4
	if ($5 != "") printf "     %s\n", $5
	if ($7 != "") printf "     => %s\n", $7
	if ($8 != "") printf "     => %s\n", $8
}' "$dir/steps"
[ $code = 0 ] || exit $code
echo
show account show aa-payroll
"$binary" "$sandbox" account show aa-payroll -o table --query \
	'{name: name, keySource: keySource, vault: vaultUri, key: keyName, version: keyVersion, mode: mode, state: state}' ||
	exit
echo
show journal verify
"$binary" "$sandbox" journal verify -o table || exit
cat <<'END'

How to go on:
  build/claviger --sandbox          the console on a fresh sandbox: Enter opens, o onboards, ? helps
  build/claviger --sandbox=DIR ...  one that keeps its state, for the console and for commands
  build/claviger help               every command; --dry-run shows the requests and sends none
  build/claviger doctor             what stands between this machine and the real cloud
END
