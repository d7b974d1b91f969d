#!/bin/sh
# Files over 600 lines, functions over 60, lines over 100 columns (a tab counts 8; a line that holds a
# string may be longer: the words of an error are not cut).
find backend crypto tui views tests -name '*.[ch]' | sort | xargs awk '
function columns(line,   i, n, c) {
	n = 0
	gsub(/[\200-\277]/, "", line)
	for (i = 1; i <= length(line); i++) {
		c = substr(line, i, 1)
		n = c == "\t" ? n + 8 - n % 8 : n + 1
	}
	return n
}
FNR == 1 { if (name != "" && lines > 600) { print name ": " lines " lines"; bad = 1 } name = FILENAME; start = 0 }
{ lines = FNR }
length($0) > 60 && !/"/ && columns($0) > 100 { print FILENAME ":" FNR ": " columns($0) " columns"; bad = 1 }
FILENAME ~ /\.c$/ && /^\{/ { start = FNR }
FILENAME ~ /\.c$/ && /^\}/ && start {
	if (FNR - start - 1 > 60) { print FILENAME ":" start ": function of " FNR - start - 1 " lines"; bad = 1 }
	start = 0
}
END { if (lines > 600) { print name ": " lines " lines"; bad = 1 } exit bad }' ||
	{ echo 'length: over the limit (see above)' >&2; exit 1; }
echo 'length: clean'
