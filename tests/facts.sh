#!/bin/sh
# Whether tests/facts.txt has each fact once, and whether the files and tests that it names exist.
cd "$(dirname "$0")/.." || exit 1
awk -F ' [|] ' '
function wrong(text) { print "tests/facts.txt:" FNR ": " text; bad = 1 }
function missing(file) { if ((getline line < file) < 0) return 1; close(file); return 0 }
BEGIN {
	split("A 29 B 24 S 33 H 17 X 10", count, " ")
	for (i = 1; i in count; i += 2)
		for (n = 1; n <= count[i + 1]; n++)
			known[count[i] n] = 1
}
/^#/ { next }
NF != 5 { wrong("five columns are wanted"); next }
!($1 in known) { wrong($1 " is no fact") }
seen[$1]++ { wrong($1 " stands here twice") }
$2 !~ /^(column|rule|step|text|refusal)$/ { wrong("what is a " $2 "?") }
missing($3) { wrong("there is no " $3) }
{
	split($4, test, ":")
	file = "tests/" test[1]
	found = 0
	while ((getline line < file) > 0)
		found = found || index(line, test[2] "(void **state)") == 1
	close(file)
	if (!found)
		wrong("there is no test " $4)
}
END {
	for (id in known)
		if (!(id in seen)) {
			print "tests/facts.txt: " id " is missing"
			bad = 1
		}
	exit bad
}' tests/facts.txt || { echo 'facts: not whole (see above)' >&2; exit 1; }
echo 'facts: clean'
