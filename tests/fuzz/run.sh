#!/bin/sh
# Runs the fuzzer: DIR that holds fuzz_router and what it has learned, the program that writes the
# corpus, seconds. Fails when anything was found; the input then lies in DIR/finds.
dir=$1 writer=$2 seconds=$3
here=$(dirname "$0")
home=$(mktemp -d) || exit 1
trap 'rm -rf "$home"' EXIT INT TERM
mkdir -p "$dir/corpus" "$dir/finds"
HOME="$home" "$writer" "$dir/corpus" || exit 1
cp "$here"/corpus/* "$dir/corpus/" 2>/dev/null
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1
"$dir/fuzz_router" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=8192 \
	-dict="$here/router.dict" -artifact_prefix="$dir/finds/" -print_final_stats=1 "$dir/corpus" ||
	{ echo "fuzz: a finding; the input is in $dir/finds" >&2; exit 1; }
echo "fuzz: clean"
