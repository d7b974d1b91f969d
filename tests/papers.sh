#!/bin/sh
# papers.sh DIR: the manual pages and completions under DIR, and what they say of DIR/claviger.
# Readers and shells that are not installed are said and passed over.
dir=$1
bad=0
wrong() {
	echo "papers: $*"
	bad=1
}
skip() {
	echo "skipped: $* (not installed)"
}

for page in "$dir"/man/*.[1-8]; do
	if command -v groff >/dev/null; then
		said=$(groff -ww -man -Tutf8 -z "$page" 2>&1)
		[ -z "$said" ] || wrong "$page: $said"
	else
		skip 'groff, which formats the manual pages'
	fi
	if command -v man >/dev/null; then
		said=$(man --warnings -l "$page" 2>&1 >/dev/null)
		[ -z "$said" ] || wrong "$page: $said"
	fi
	if command -v mandoc >/dev/null; then
		said=$(mandoc -T lint -W warning "$page")
		[ -z "$said" ] || wrong "$page: $said"
	fi
	grep -n '@[a-z-]*@' "$page" && wrong "$page: a part was not filled in"
done

# Every option that a command's --help has is in the page, as are the command, the codes it exits
# with and the keys of profiles.
page=$dir/man/claviger.1
text=$(sed 's/\\-/-/g; s/\\f[BIR]//g' "$page")
has() {
	case $text in
	*"$1"*) ;;
	*) wrong "$page: $1 is missing" ;;
	esac
}
"$dir/claviger" completion words -- '' >"$dir/man/words" || wrong 'completion words'
[ -s "$dir/man/words" ] || wrong 'completion has no words'
while read -r word _; do
	has "
$word"
	"$dir/claviger" "$word" --help 2>/dev/null | sed -n 's/^  \(-., \|    \)--\([a-z-]*\).*/\2/p'
done <"$dir/man/words" | sort -u >"$dir/man/options"
[ "$(wc -l <"$dir/man/options")" -gt 20 ] || wrong 'help has no options'
while read -r option; do
	has "--$option"
done <"$dir/man/options"
rm -f "$dir/man/words" "$dir/man/options"

# Each command that the tutorial has is one.
sed -n 's/^c //p' "$dir/man/claviger-tutorial.7" | sed 's/\\-/-/g; s/\\e$//' | while read -r line; do
	# shellcheck disable=SC2086
	"$dir/claviger" $line --help >/dev/null || echo "$line"
done | grep . && wrong 'the tutorial has commands that there are not'

for shell in bash zsh fish; do
	if command -v $shell >/dev/null; then
		$shell -n "$dir/completion/$shell" || wrong "completion/$shell is no script of $shell"
	else
		skip "$shell, which reads its completion"
	fi
done
[ $bad = 0 ] || exit 1
echo 'papers: clean'
