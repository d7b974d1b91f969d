#!/bin/sh
# Every timing as a ratio within one run, since machines differ: ours against openssl speed, a bare
# libcurl loop, a bare libmicrohttpd handler, a bare ncurses list. Exit 1 when a bar is missed.
# usage: run.sh BUILD-DIR
dir=$1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT INT TERM
export LC_ALL=C.UTF-8 HOME="$tmp" XDG_RUNTIME_DIR="$tmp"
unset XDG_STATE_HOME XDG_CONFIG_HOME
missed=0

# bar NAME VALUE OP LIMIT UNIT
bar() {
	if awk "BEGIN { exit !($2 $3 $4) }"; then verdict=ok; else verdict=MISSED missed=1; fi
	printf '%-34s %10s %-8s bar %s %s  %s\n' "$1" "$2" "$5" "$3" "$4" "$verdict"
}
figure() { printf '%-34s %10s %s\n' "$1" "$2" "$3"; }
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

echo '# 10,000 accounts into memory'
"$dir/tests/bench/bench_estate" || exit 1

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

echo '# Start to first frame, 120x40, against a bare ncurses list of 100,000 rows'
floor="$tmp/floor.json"
python3 tests/bench/ttybench.py --size 120x40 --runs 5 --expect Accounts --quit q --json "$floor" -- \
	"$dir/tests/bench/ncfloor" 100000 >/dev/null || exit 1
"$dir/claviger" --sandbox="$tmp/state" account list -o none || exit 1
"$dir/claviger" sandbox --state "$tmp/state" --listen 127.0.0.1:0 --print-env --detach >"$tmp/env" || exit 1
python3 tests/bench/ttybench.py --size 120x40 --runs 5 --expect Accounts --quit q --json "$tmp/ours.json" -- \
	"$dir/claviger" --sandbox="$tmp/state" >/dev/null || exit 1
kill "$(sed -n "s/^export CLAVIGER_SANDBOX_PID='\(.*\)'/\1/p" "$tmp/env")"
value() { python3 -c 'import json, sys; print(round(json.load(open(sys.argv[1]))["start"]["expect_ms"]["p50"], 1))' "$1"; }
first=$(value "$tmp/ours.json") bare=$(value "$floor")
figure 'bare ncurses list' "$bare" ms
figure 'claviger' "$first" ms
bar '  times the bare list' "$(awk "BEGIN { printf \"%.2f\", $first / $bare }")" '<=' 3 ''
exit $missed
