#!/bin/sh
# template.sh TABLES: prints the template of the console's texts: what is marked in the source, what
# stands in the program's tables (as the program TABLES prints it), and the sentences that the
# backend puts names into, which are recorded in English and said in the reader's language.
set -eu
export LC_ALL=C.UTF-8
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$1" >"$work/tables.c"
take() {
	xgettext --from-code=UTF-8 --no-location --keyword --output=- "$@" 2>"$work/said" |
		sed 's/charset=CHARSET/charset=UTF-8/'
}
find tui views -name '*.c' ! -path 'views/man/*' ! -path 'views/po/*' | LC_ALL=C sort >"$work/files"
take --keyword=_ --keyword=N_ --keyword=_n:1,2 --files-from="$work/files" "$work/tables.c" >"$work/marked.pot"
# Rules of plans stand in no table: their remedies are read as if they were marked.
sed 's/\.remedy =/N_(/' backend/plans/*.c >"$work/plans.c"
# So is what stands there in a sentence or instead of another one (a ? "..." : "...").
sed -zE 's/"[[:space:]]+"//g; s/(\?|:|return)[[:space:]]+"[,;]? ?(([^"\]|\\.)* ([^"\]|\\.)*[^ "])"/\nN_("\2")\n/g' \
	backend/plans/*.c backend/estate/sight.c backend/estate/topics/*.c | tr '\000' '\n' | grep '^N_("' >>"$work/plans.c"
take --keyword=N_ --keyword=snprintf:3 --keyword=cell_say:3 --keyword=cell_text:3 \
	--keyword=say:4 --keyword=show_unknown:3 --keyword=judge_say:3 --keyword=campaign_find:3 --keyword=campaign_fate:4 \
	--keyword=add_works:3 backend/estate/impact.c backend/estate/rules_*.c backend/estate/kind_*.c \
	backend/estate/posture_estate.c "$work/plans.c" |
	msggrep --msgid --extended-regexp --regexp=' |^[a-z]+$' |
	msggrep --msgid --extended-regexp --regexp='(^|[^%A-Za-z0-9.*$])[A-Za-z]{2}' |
	msggrep --msgid --invert-match --extended-regexp --regexp='://' >"$work/sentences.pot"
# Whatever can go wrong, and what was left out because of it.
find backend crypto tui -name '*.c' ! -path 'backend/sandbox/*' ! -name 'vectors*.c' | LC_ALL=C sort >"$work/files"
take --keyword=err_set:4 --keyword=estate_note_add:4 --keyword=estate_note_row:4 \
	--keyword=lister_skip:3 --keyword=config_bad:3 --files-from="$work/files" |
	msggrep --msgid --extended-regexp --regexp='[A-Za-z]{2} ' >"$work/errors.pot"
msgcat --use-first --no-wrap "$work/marked.pot" "$work/sentences.pot" "$work/errors.pot"
