#!/bin/sh
# Every timing as a ratio within one run, since machines differ: ours against openssl speed, a bare
# libcurl loop, a bare libmicrohttpd handler; then console.sh. Exit 1 when a bar is missed.
# usage: run.sh BUILD-DIR
dir=$1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT INT TERM
export LC_ALL=C.UTF-8 HOME="$tmp" XDG_RUNTIME_DIR="$tmp"
unset XDG_STATE_HOME XDG_CONFIG_HOME
. tests/bench/bars.sh

# best NAME FILE: the largest value of a figure
best() { awk -v name="$1" '$1 == name && $2 > top { top = $2 } END { print top + 0 }' "$2"; }

# paired NAME FACTOR: the median over the turns of ours * FACTOR / openssl's
paired() {
	paste "$tmp/rsa.$1" "$tmp/openssl.$2" | awk -v factor="$3" '{ print $1 * factor / $2 }' | sort -n |
		awk '{ r[NR] = $1 } END { printf "%.3f", r[int((NR + 1) / 2)] }'
}

echo '# RSA against openssl speed: median of 7 paired turns'
for turn in 1 2 3 4 5 6 7; do
	for bits in 2048 3072 4096; do
		openssl speed -seconds 1 rsa$bits 2>/dev/null | awk '$1 == "rsa" { print $6 }' >>"$tmp/openssl.$bits"
		"$dir/tests/bench/bench_rsa" $bits >"$tmp/one" || exit 1
		while read -r name value unit; do
			echo "$value" >>"$tmp/rsa.$name"
		done <"$tmp/one"
	done
done
top() { sort -n "$1" | tail -n 1; }
for bits in 2048 3072 4096; do
	figure "openssl speed rsa$bits, best" "$(top "$tmp/openssl.$bits")" sign/s
	figure "private operations, $bits, best" "$(top "$tmp/rsa.rsa_private_$bits")" op/s
	figure "unwraps, $bits, best" "$(top "$tmp/rsa.rsa_unwrap_$bits")" op/s
	bar '  private operations of openssl'"'"'s' "$(paired rsa_private_$bits $bits 1)" '>=' 0.95 ''
	figure "four-operation self-test, $bits" "$(top "$tmp/rsa.rsa_selftest_four_$bits")" run/s
	bar '  of two private operations' "$(paired rsa_selftest_four_$bits $bits 2)" '>=' 0.9 ''
done

echo '# Requests, 8 in flight, against a bare libcurl loop on the same server'
"$dir/tests/bench/bench_http" >"$tmp/http" || exit 1
ours=$(best http.requests_per_s "$tmp/http")
bare=$(best http.bare_per_s "$tmp/http")
figure 'bare libcurl' "$bare" 1/s
figure 'through a session' "$ours" 1/s
bar '  of bare' "$(awk "BEGIN { printf \"%.2f\", $ours / $bare }")" '>=' 0.6 ''

echo '# 1,000 reads under the limits of Azure, beside the 30 s that these take'
"$dir/tests/bench/bench_throttle" >"$tmp/throttle" || exit 1
bar '  of that time' "$(best throttle.of_floor "$tmp/throttle")" '<=' 1.1 ''
bar '  answered with 429' "$(best throttle.refused "$tmp/throttle")" '<=' 10 ''

echo '# Verbs on a key of 1,000 accounts, under the limits of Azure, which allow a rotation in 80 s'
"$dir/tests/bench/bench_fleet" "$dir/claviger" >"$tmp/verbs" 2>"$tmp/verbs.err" || { cat "$tmp/verbs.err" && exit 1; }
figure 'rotate' "$(best fleet.rotate_s "$tmp/verbs")" s
bar '  of that time' "$(best fleet.rotate_of_floor "$tmp/verbs")" '<=' 1.05 ''
bar '  answered with 429' "$(best fleet.rotate_refused "$tmp/verbs")" '<=' 1 %
bar '  reads of the resource manager' "$(best fleet.rotate_reads "$tmp/verbs")" '<=' 2.1 'an account'
bar '  changes of an account, the fewest' "$(best fleet.rotate_least_patches "$tmp/verbs")" '==' 1 ''
bar '  and the most' "$(best fleet.rotate_most_patches "$tmp/verbs")" '==' 1 ''
bar '  peak of resident memory' "$(best fleet.rotate_peak_mb "$tmp/verbs")" '<' 100 MB
versions=$(best fleet.revoke_versions "$tmp/verbs")
figure 'revoke, versions cut' "$versions" ''
bar '  requests until they are read back' "$(best fleet.revoke_requests "$tmp/verbs")" '<=' "$((2 * versions + 1))" ''
bar '  from the first change on' "$(best fleet.revoke_ms "$tmp/verbs")" '<=' 50 ms

echo '# 10,000 accounts into memory'
"$dir/tests/bench/bench_estate" >"$tmp/estate" || exit 1
cat "$tmp/estate"
bar '  requests of the least there could be' "$(best estate_start_of_floor "$tmp/estate")" '<=' 1.1 ''
bar '  bytes a row, accounts' "$(best estate_accounts_memory "$tmp/estate")" '<=' 80 ''

echo '# Replies of Resource Graph into rows, beside a tree of each page packed into 40 bytes a row'
"$dir/tests/bench/bench_parse" >"$tmp/parse" || exit 1
figure 'parse and store' "$(best parse.rows_per_s "$tmp/parse")" rows/s
bar '  of the least' "$(best parse.of_least "$tmp/parse")" '>=' 0.8 ''

echo '# 10,000 accounts to standard output; memory above the same on an empty estate'
"$dir/claviger" sandbox --state "$tmp/many" --seed fleet:10000 --listen 127.0.0.1:0 --detach >/dev/null || exit 1
peak() {
	python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$dir/claviger" "--sandbox=$1" account list -o json
}
"$dir/claviger" sandbox --state "$tmp/bare" --seed empty --listen 127.0.0.1:0 --detach >/dev/null || exit 1
start=$(date +%s%N)
full=$(peak "$tmp/many") || exit 1
took=$(($(date +%s%N) - start))
bare=$(peak "$tmp/bare") || exit 1
kill "$(sed -n 's/^pid //p' "$tmp/many/endpoint")" "$(sed -n 's/^pid //p' "$tmp/bare/endpoint")"
figure 'account list' "$(awk "BEGIN { printf \"%.2f\", $took / 1e9 }")" s
bar '  peak above an empty estate' "$(((full - bare) / 1024))" '<=' 12 MB

echo '# The same list by azure-cli, on one serving sandbox'
list_by_az() {
	AZURE_CONFIG_DIR="$tmp/az" PYTHONPATH=tests/clients/az PYTHONDONTWRITEBYTECODE=1
	PYTHONWARNINGS=ignore AZURE_CORE_COLLECT_TELEMETRY=0 AZURE_CORE_ONLY_SHOW_ERRORS=1
	REQUESTS_CA_BUNDLE=$CLAVIGER_CA SSL_CERT_FILE=$CLAVIGER_CA
	export AZURE_CONFIG_DIR PYTHONPATH PYTHONDONTWRITEBYTECODE PYTHONWARNINGS \
		AZURE_CORE_COLLECT_TELEMETRY AZURE_CORE_ONLY_SHOW_ERRORS REQUESTS_CA_BUNDLE SSL_CERT_FILE
	unset HTTPS_PROXY https_proxy ALL_PROXY all_proxy NO_PROXY no_proxy
	mkdir -p "$AZURE_CONFIG_DIR"
	cat >"$AZURE_CONFIG_DIR/cloud.json" <<END
{"endpoints": {"resourceManager": "$CLAVIGER_ARM", "management": "$CLAVIGER_ARM",
"activeDirectory": "$CLAVIGER_AUTHORITY/adfs", "activeDirectoryResourceId": "$CLAVIGER_ARM",
"activeDirectoryGraphResourceId": "$CLAVIGER_GRAPH", "microsoftGraphResourceId": "$CLAVIGER_GRAPH"},
"suffixes": {"keyvaultDns": "$CLAVIGER_VAULT_SUFFIX", "mhsmDns": "$CLAVIGER_HSM_SUFFIX",
"storageEndpoint": "${CLAVIGER_BLOB_SUFFIX#.blob.}"}}
END
	az cloud register -n Claviger --cloud-config "@$AZURE_CONFIG_DIR/cloud.json" >&2 &&
		az cloud set -n Claviger >&2 &&
		az login --service-principal -u "$CLAVIGER_CLIENT_ID" -p "$CLAVIGER_CLIENT_SECRET" \
			--tenant "$CLAVIGER_TENANT" >&2 &&
		az account set -s "$CLAVIGER_SUBSCRIPTION" >&2 || return
	seconds az storage account list -o none
}
# seconds COMMAND...: how long the best of three runs takes
seconds() {
	python3 -c 'import subprocess, sys, time
times = []
for turn in range(3):
    start = time.monotonic()
    subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
    times.append(time.monotonic() - start)
print("%.4f" % min(times))' "$@"
}
if command -v az >/dev/null 2>&1; then
	"$dir/claviger" sandbox --state "$tmp/demo" --listen 127.0.0.1:0 --print-env --detach >"$tmp/demo.env" || exit 1
	ours=$(seconds "$dir/claviger" "--sandbox=$tmp/demo" account list -o none) || exit 1
	theirs=$(. "$tmp/demo.env" && list_by_az 2>"$tmp/az.err") || { cat "$tmp/az.err" && exit 1; }
	kill "$(sed -n 's/^pid //p' "$tmp/demo/endpoint")"
	figure 'az storage account list' "$theirs" s
	figure 'claviger account list' "$ours" s
	bar '  times as fast' "$(awk "BEGIN { printf \"%.0f\", $theirs / $ours }")" '>=' 50 ''
else
	echo 'skipped: az is not installed'
fi

echo '# The sandbox, 10,000 accounts: GET of one beside a bare libmicrohttpd handler; a process of its own'
fleet="$tmp/fleet" start=$(date +%s%N)
"$dir/claviger" sandbox --state "$fleet" --seed fleet:10000 --listen 127.0.0.1:0 --detach >/dev/null || exit 1
took=$(($(date +%s%N) - start))
pid=$(sed -n 's/^pid //p' "$fleet/endpoint")
peak=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$pid/status")
kill "$pid"
bar 'start until it serves' "$(awk "BEGIN { printf \"%.2f\", $took / 1e9 }")" '<' 10 s
bar '  peak of resident memory' "$((peak / 1024))" '<' 200 MB
"$dir/tests/bench/bench_sandbox" fleet:10000 >"$tmp/sandbox" || exit 1
figure 'bare handler' "$(best sandbox.bare_per_s "$tmp/sandbox")" 1/s
figure 'GET of an account' "$(best sandbox.get_per_s "$tmp/sandbox")" 1/s
bar '  of bare' "$(best sandbox.of_bare "$tmp/sandbox")" '>=' 0.5 ''

sh tests/bench/console.sh "$dir" || missed=1
exit $missed
