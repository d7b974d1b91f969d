#!/bin/sh
# Runs every test program under DIR/tests (and extra programs named after it), LANES at once, and
# sums up: three a processor, as many of them wait, and the long ones first. The binary that flows and
# terminals drive is DIR/claviger. Nothing outside a folder of its own is read or written by a
# program: HOME and the XDG places lead into it.

# One program: its report in one piece, and its sums as a line "passed failed skipped".
if [ "$1" = --one ]; then
	program=$2 own=$(mktemp -d "$home/XXXXXX") || exit 1
	export HOME="$own" XDG_RUNTIME_DIR="$own/run"
	mkdir -m 700 "$XDG_RUNTIME_DIR"
	start=$(date +%s)
	timeout -k 5 600 "$program" >"$own/out" 2>&1 </dev/null
	code=$?
	took=$(($(date +%s) - start))
	ok=$(grep -c '^\[       OK \]' "$own/out")
	skip=$(grep -c '^\[  SKIPPED \]' "$own/out")
	all=$(sed -n 's/^\[==========\] Running \([0-9]*\) test.*/\1/p' "$own/out" | awk '{n += $1} END {print n + 0}')
	wrong=0
	{
		printf '%-40s' "${program#build/}"
		if [ $code = 0 ] && [ "$all" -gt 0 ] && [ $((ok + skip)) -ge "$all" ]; then
			echo "ok $ok, $took s$([ "$skip" -gt 0 ] && echo ", skipped $skip")"
			grep -h '^skipped:' "$own/out"
		else
			wrong=$((all - ok - skip))
			# A test that fails frees nothing: its leaks would hide why it failed.
			[ "$wrong" -gt 0 ] && sed -i '/ERROR: LeakSanitizer/,$d' "$own/out"
			[ "$wrong" -gt 0 ] || wrong=1
			echo "FAILED (exit $code)"
			grep -v '^\[ RUN\|^\[       OK' "$own/out" | tail -n 60
		fi
	} >"$own/report"
	cat "$own/report"
	echo "$ok $wrong $skip" >"$home/sum.${own##*/}"
	rm -rf "$own"
	exit 0
fi

dir=$1
shift
home=$(mktemp -d) || exit 1
trap 'rm -rf "$home"' EXIT INT TERM
unset XDG_STATE_HOME XDG_CONFIG_HOME AZURE_TENANT_ID AZURE_CLIENT_ID AZURE_CLIENT_SECRET NO_COLOR \
	HTTPS_PROXY https_proxy NO_PROXY no_proxy CLAVIGER_VERBOSE
export home LC_ALL=C.UTF-8 TERM=xterm-256color
export CLAVIGER="$PWD/$dir/claviger" THEMES="$PWD/themes" GOLDEN="$PWD/tests/screen/golden" \
	FUZZ_CORPUS="$PWD/tests/fuzz/corpus"
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1:strict_string_checks=1}"
export UBSAN_OPTIONS=print_stacktrace=1 TSAN_OPTIONS=halt_on_error=1

# The demo estate with all its keys, for the programs to copy: making it takes seconds.
if [ -x "$CLAVIGER" ]; then
	export DEMO_ESTATE="$home/demo"
	mkdir -m 700 "$DEMO_ESTATE" && HOME=$home "$CLAVIGER" "--sandbox=$DEMO_ESTATE" key list -o none || exit 1
fi

skipped=0 programs=
for program in "$dir"/tests/pty/test_* "$dir"/tests/screen/test_* "$dir"/tests/flow/test_* \
	"$dir"/tests/spec/test_* "$dir"/tests/fuzz/test_* "$@" "$dir"/tests/unit/test_*; do
	[ -x "$program" ] && [ -f "$program" ] && programs="$programs $program"
done
terminals=1
[ -c /dev/pts/ptmx ] || { terminals=0; echo 'skipped: tests in a real terminal (/dev/pts is not mounted)'; }
chosen=
for program in $programs; do
	case $program in
	*/tests/pty/* | */test_tui_term)
		[ $terminals = 1 ] || { skipped=$((skipped + 1)); continue; }
		;;
	esac
	chosen="$chosen $program"
done
# shellcheck disable=SC2086
printf '%s\n' $chosen | xargs -P "${LANES:-$(($(nproc) * 3))}" -n 1 sh "$0" --one
cat "$home"/sum.* | awk -v skipped=$skipped '
	{ passed += $1; failed += $2; skipped += $3 }
	END {
		printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
		exit !(passed > 0 && failed == 0)
	}'
