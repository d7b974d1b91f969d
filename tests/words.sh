#!/bin/sh
# words.sh TEMPLATE: the catalogues say everything that the console says, and nothing that it does not
# say any more; what is put into a sentence is the same in both languages.
bad=0
for po in views/po/*.po; do
	msgfmt --check --output-file=/dev/null "$po" || bad=1
	msgcmp "$po" "$1" || bad=1
	old=$(msgcomm --unique --no-location --omit-header "$po" "$1" | grep -c '^msgid ')
	[ "$old" = 0 ] || { echo "words: $old texts in only one of $po and $1; make words mends it"; bad=1; }
	left=$(msgattrib --untranslated --no-location "$po" | grep -c "^msgid \"[^\"]")
	[ "$left" = 0 ] || { echo "words: $po has $left texts that are not translated"; bad=1; }
done
# Keys of views are in the template only if their view is known there.
for view in $(grep -ho 'view_ops view_[^;]*' views/app/view.h | grep -o 'view_[a-z_]*' | grep -v '^view_ops$'); do
	grep -q "&$view\>" views/app/keymap.c || { echo "words: $view is missing in views/app/keymap.c"; bad=1; }
done
[ $bad = 0 ] || exit 1
echo 'words: clean'
