#!/bin/sh
# The console as its operator feels it, in a terminal that measures (ttybench.py): keys, bytes,
# memory, silence; beside a bare ncurses list of as many rows. Exit 1 when a bar is missed.
# usage: console.sh BUILD-DIR [SANDBOX], a state directory of many accounts to use instead of making one
dir=$1
. tests/bench/bars.sh
tmp=$(mktemp -d) || exit 1
pids=
trap 'kill $pids; rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
export LC_ALL=C.UTF-8 HOME="$tmp" XDG_RUNTIME_DIR="$tmp"
unset XDG_STATE_HOME XDG_CONFIG_HOME XDG_CACHE_HOME NO_COLOR CLAVIGER_THEME
rows=100000
# What else runs on the machine is not what is measured, where the system lets us say so.
first=
chrt -f 10 true 2>/dev/null && first='chrt -f 10'

# tty NAME TTYBENCH-OPTION... -- PROGRAM...: the result is in $tmp/NAME.json
tty() {
	name=$1
	shift
	$first timeout 300 python3 tests/bench/ttybench.py --size 120x40 --key-timeout 1 --json "$tmp/$name.json" "$@" \
		>"$tmp/$name.log" 2>&1 || cat "$tmp/$name.log"
}
# serve PROFILE STATE SEED: a sandbox that stays, reached as one reaches Azure: a console that has the
# sandbox in itself would be measured together with it
serve() {
	env=$("$dir/claviger" sandbox --state "$2" --seed "$3" --listen 127.0.0.1:0 --print-env --detach) || exit 1
	eval "$env"
	pids="$pids $CLAVIGER_SANDBOX_PID"
	mkdir -p "$tmp/.config/claviger"
	cat >>"$tmp/.config/claviger/config" <<-end
		[profile $1]
		ca-file = $CLAVIGER_CA
		connect-to = $2/s
		auth = client-secret
		tenant = $CLAVIGER_TENANT
		client-id = $CLAVIGER_CLIENT_ID
	end
	eval "secret_$1=\$CLAVIGER_CLIENT_SECRET"
}
# console NAME PROFILE TTYBENCH-OPTION...: the same of the console on a profile
console() {
	result=$1 profile=$2
	shift 2
	use "$profile"
	tty "$result" --start-timeout 200 --expect Accounts "$@" -- "$dir/claviger" --profile "$profile"
}
use() { eval "export AZURE_CLIENT_SECRET=\$secret_$1"; }
# of NAME PATH: a number of a result; "none" where there is none
of() {
	PYTHONPATH=tests/bench PYTHONDONTWRITEBYTECODE=1 python3 -c 'import json, sys, ttybench
try:
    value = ttybench.look_up(json.load(open(sys.argv[1])), sys.argv[2])
except (OSError, KeyError):
    value = None
print("none" if value is None else len(value) if isinstance(value, list) else round(value, 2))' "$tmp/$1.json" "$2"
}
# over A B: one over the other
over() { awk -v a="$1" -v b="$2" 'BEGIN { print(a + 0 == a && b > 0 ? int(1000 * a / b + .5) / 1000 : "none") }'; }
# ratio NAME PATH: ours over the floor's
ratio() { over "$(of "$1" "$2")" "$(of floor "$2")"; }
# sizes NAME EXPRESSION: of the list of resizes, "steps"
sizes() {
	python3 -c 'import json, sys
steps = json.load(open(sys.argv[1]))["resize"]
print(eval(sys.argv[2]))' "$tmp/$1.json" "$2" || echo none
}

serve many "${2:-$tmp/many}" fleet:$rows
serve demo "$tmp/demo" demo
serve ten "$tmp/ten" fleet:10
serve bare "$tmp/bare" empty
serve fleet "$tmp/fleet" fleet:1000
serve job "$tmp/job" fleet:1000

# What is read from the last start on is at rest once it has been read anew. Only once nothing is
# read any more does the last line but one tell how many there are: a machine that is busy is silent
# meanwhile, too.
console first many --expect " $rows Accounts" --rest 1 --idle 1 --quit q
console ten ten --expect ' 10 Accounts' --rest 1 --idle 1 --quit q

# moves NAME PROGRAM...
moves() {
	name=$1
	shift
	tty "$name" --start-timeout 200 --runs 5 --expect Accounts --rest 1 -k 'view: <Down>*30' -k 'scroll: <Down>*170' \
		-k 'page: <PageDown>*50' --redraw-key '<C-l>' --resize 200x60 --quit q --dump -- "$@"
}
moves floor "$dir/tests/bench/ncfloor" $rows
use many
moves ours "$dir/claviger" --profile many
use fleet
moves plain "$dir/claviger" --profile fleet --theme=serial

echo '# 1 to 7: start, cursor, redraw; beside a bare list'
figure 'first frame' "$(of ours start.expect_ms.p50)" ms
bar '  of the floor (1)' "$(ratio ours start.expect_ms.p50)" '<=' 3 times
bar 'Down in view, of the floor (2)' "$(ratio ours keys.view.last_ms.p50)" '<=' 2 times
bar '  p95' "$(of ours keys.view.last_ms.p95)" '<=' 5 ms
bar 'Down scrolling, of the floor (3)' "$(ratio ours keys.scroll.last_ms.p50)" '<=' 1.5 times
figure '  CPU' "$(of ours keys.scroll.cpu_ms_per_key)" ms/key
# ncdu took 1.0 times what the bare list took (0.45 ms each) where both were measured.
if command -v ncdu >/dev/null; then
	awk -v rows=$rows 'BEGIN { printf "[1,2,{},[{\"name\":\"/Accounts\"}"
		for (i = 0; i < rows; i++) printf ",{\"name\":\"a%06d\",\"asize\":4096,\"dsize\":4096}", i
		print "]]" }' >"$tmp/files"
	moves ncdu ncdu -f "$tmp/files"
	bar '  of ncdu'"'"'s' "$(over "$(of ours keys.scroll.cpu_ms_per_key)" "$(of ncdu keys.scroll.cpu_ms_per_key)")" '<=' 1.2 times
else
	bar '  of the floor'"'"'s, there is no ncdu' "$(ratio ours keys.scroll.cpu_ms_per_key)" '<=' 1.2 times
fi
bar 'bytes a Down, of the floor (4)' "$(ratio ours keys.view.bytes.p50)" '<=' 1.05 times
bar '  with the theme serial (5)' "$(of plain keys.view.bytes.p50)" '<=' 20 B
bar 'bytes a scroll, of the floor (6)' "$(ratio ours keys.scroll.bytes.p50)" '<=' 1.05 times
bar '  a page' "$(ratio ours keys.page.bytes.p50)" '<=' 1.05 times
# The floor draws the same text without any attribute, so those are left out of the comparison.
sed -n '1,/^-----/p' "$tmp/ours.log" | sed '$d' >"$tmp/screen"
tty text --expect Accounts --redraw-key '<C-l>' --quit q -- "$dir/tests/bench/ncfloor" 0 "$tmp/screen"
bar '  the whole screen, for equal text' "$(over "$(of ours redraw.text_bytes)" "$(of text redraw.text_bytes)")" '<=' 1.05 times
figure '    with its attributes' "$(over "$(of ours redraw.bytes)" "$(of text redraw.bytes)")" times
bar 'writes a frame (7)' "$(of ours keys.view.reads.p50)" '<=' 1 ''

echo '# 8 and 9: keys that come faster than they are answered'
# The last key is answered once the pane tells of the row that it led to. That account is read from
# Azure when the cursor has rested on it, and told there too: the bytes of that count as well.
console flood fleet --rest 1 --flood '<Down>*200 => aa-fleet-000603  (' --quit q
bar '200 Downs at once (8)' "$(of flood 'flood.<Down>.bytes_per_key')" '<=' 25 B/key
bar '  lag' "$(of flood 'flood.<Down>.seen_lag_ms')" '<=' 10 ms
figure '  until its account was read' "$(of flood 'flood.<Down>.lag_ms')" ms
console slow fleet --rest 1 --rate 960 --flood '<Down>*60' --flood-hz 30 --key-timeout 120
bar 'a held key at 9600 baud, lag (9)' "$(of slow 'flood.<Down>.lag_ms')" '<=' 3700 ms

echo '# 10: silence'
console idle demo --rest 1 --first-idle 5 -k '<Down>*2' --gap 1 --idle 5 --quit q
for when in first_idle idle; do
	bar "$when 5 s (10)" "$(of idle $when.bytes)" '==' 0 B
	bar '  wake-ups' "$(of idle $when.wakeups)" '<=' 0 ''
	bar '  CPU' "$(of idle $when.cpu_ms)" '<=' 0 ms
done

echo '# 11 and 15: a job that runs, keys meanwhile'
"$dir/claviger" sandbox ctl --state "$tmp/job" fault 'PATCH *=delay:4000' >"$tmp/ctl" || cat "$tmp/ctl"
console rotation job --rest 1 --key-timeout 20 -k 3 -k 'r => check' -k '<Enter> => carry out' -k '<Enter> => y/N' \
	-k 'y => It runs' -k 1 -k 'busy: <Down>*100' -k '3 => It runs' --idle 5 --dump
grep -q 'It runs' "$tmp/rotation.log" || { echo 'the job did not run' && missed=1; }
job() {
	bar "a running $1 (11)" "$(over "$(of "$1" idle.bytes)" 5)" '<=' 200 B/s
	bar '  frames' "$(over "$(of "$1" idle.reads)" 5)" '<=' 5 1/s
}
job rotation
bar 'keys during the rotation (15), p95' "$(of rotation keys.busy.last_ms.p95)" '<=' 16.7 ms
# As any start from the second on it shows rows at once, and reads them anew; each page comes a little
# late, lest all be read before it was watched. What the pane tells of the last account, which is read
# from Azure, is the answer to the key that led there.
many=${2:-$tmp/many}
"$dir/claviger" sandbox ctl --state "$many" fault '*Microsoft.ResourceGraph*=delay:300' >"$tmp/ctl" || cat "$tmp/ctl"
console reading many --key-timeout 20 -k 'busy: <Down>*200' -k '<Up> => soft delete' --gap 0.005 --idle 5 \
	--dump --quit q
grep -q ' reading ' "$tmp/reading.log" || { echo 'nothing was being read' && missed=1; }
job reading
bar 'keys during a reading (15), p95' "$(of reading keys.busy.last_ms.p95)" '<=' 16.7 ms
"$dir/claviger" sandbox ctl --state "$many" fault none >"$tmp/ctl" || cat "$tmp/ctl"
console selftests fleet --rest 1 -k t -k 4 -k 'busy: <Down>*100' --gap 0.005 --quit q
bar 'keys during self-tests (15), p95' "$(of selftests keys.busy.last_ms.p95)" '<=' 16.7 ms

echo '# 12 to 14: many rows'
# Beside the rows of the last start stands "as of ... reading" until all have been read anew.
console many many --expect ' reading ' --key-timeout 200 -k 'read: <End> =>   read ' -k '<Home>' --idle 1 \
	-k "search: /fleet-0999<Enter> => of $rows" --quit q
console bare bare --rest 1 -k '<End>' -k '<Home>' --idle 1 --quit q
# above NAME NAME: kilobytes of the one above the other
above() {
	awk -v a="$(of "$1" memory.peak_rss_kb)" -v b="$(of "$2" memory.peak_rss_kb)" \
		'BEGIN { print(a + 0 == a && b + 0 == b ? a - b : "none") }'
}
bar 'all rows were read anew' "$(of many keys.read.unseen)" '==' 0 ''
bar 'peak above an empty estate (12)' "$(over "$(above many bare)" 1024)" '<=' 12 MB
# Rows stay while they are read anew, so that they are there twice then; at the first start they are not.
bar '  bytes a row, first start (13)' "$(over "$(above first ten)" "$(over $((rows - 10)) 1024)")" '<=' 80 B
bar 'filter of all rows (14)' "$(of many keys.search.seen_ms.p50)" '<=' 20 ms

echo '# 16: other sizes'
console sizes demo --rest 1 --resize 80x24,200x60,20x5,1x1,59x14,132x43 --quit q
bar 'dead, or off the screen (16)' "$(sizes sizes 'sum(not s["alive"] for s in steps) + sum(s["out_of_bounds"] for s in steps)')" '==' 0 ''
bar '  200x60, of the floor' "$(over "$(sizes ours 'steps[0]["last_ms"]')" "$(sizes floor 'steps[0]["last_ms"]')")" '<=' 2 times

echo '# 17: what is on the screen is what was drawn'
for term in xterm-256color screen-256color linux vt220; do
	wrong=0
	for view in 1 2 3 4 5 f '!' '?' t v m N E : '<Enter>' o a r y; do
		# The age of rows of the last start is another one whenever it is drawn.
		rm -rf "$tmp/.cache/claviger"
		console truth demo --rest 0.3 --key-timeout 0.2 --term $term -k '<Down>*3' -k "$view" \
			-k '<Down>*3' -k '<PageDown>' --redraw-key '<C-l>'
		differ=$(of truth redraw.lines_that_differ)
		[ "$differ" = 0 ] || { figure "  in $view on $term" "$differ" lines && wrong=$((wrong + 1)); }
	done
	bar "views that differ on $term (17)" $wrong '==' 0 ''
done

echo '# 18: leaving'
for way in q signal:TERM signal:HUP signal:INT; do
	console leave demo --rest 1 --quit $way
	bar "$way (18)" "$(of leave quit.ms)" '<=' 50 ms
	bar '  left behind' "$(of leave quit.left_behind)" '==' 0 ''
	bar '  terminal modes' "$(of leave quit.tty_modes_changed)" '==' 0 ''
done
exit $missed
