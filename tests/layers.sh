#!/bin/sh
# Who may include whom. An include that points up, or a library outside its one folder, fails.
find backend crypto tui views tests -name '*.[ch]' | sort | xargs awk '
function layer(path) {
	if (path ~ /^backend\//) { split(path, part, "/"); return part[2] }
	split(path, part, "/")
	return part[1]
}
BEGIN {
	allow["base"] = ""
	allow["azure"] = "base"
	allow["crypto"] = "base"
	allow["tui"] = "base"
	allow["sandbox"] = "crypto azure base"
	allow["json"] = "crypto azure base"
	allow["net"] = "json azure base"
	allow["config"] = "net json azure base"
	allow["auth"] = "config net json crypto azure base"
	allow["session"] = "config auth net json crypto azure base"
	allow["journal"] = "json crypto azure base"
	allow["estate"] = "session config net json crypto azure base"
	allow["plans"] = "journal estate session config net json crypto azure base"
	allow["codes"] = "estate auth base"
	allow["views"] = "tui codes sandbox plans journal estate session config auth net json crypto azure base"

	home["curl/"] = "backend/net/http"
	home["microhttpd"] = "backend/sandbox/"
	home["sqlite3"] = "backend/sandbox/ backend/estate/cache"
	home["openssl/"] = "crypto/"
	home["ncurses"] = "tui/"
	home["term\\.h"] = "tui/"
	home["curses\\.h"] = "tui/"
	home["argp"] = "views/"
	home["libsmartcols"] = "views/"
}
FNR == 1 { mine = layer(FILENAME) }
mine == "tests" { next }
/^#include "/ {
	split($0, quoted, "\"")
	other = layer(quoted[2])
	if (quoted[2] !~ /\//) {
		print FILENAME ":" FNR ": include by the path from the root: " quoted[2]; bad = 1
	} else if (other != mine && (" " allow[mine] " ") !~ (" " other " ")) {
		print FILENAME ":" FNR ": " mine " may not include " other " (" quoted[2] ")"; bad = 1
	}
}
/^#include </ {
	for (library in home) {
		at_home = 0
		homes = split(home[library], place, " ")
		for (i = 1; i <= homes; i++)
			at_home = at_home || index(FILENAME, place[i]) == 1
		if ($2 ~ ("^<" library) && !at_home) {
			print FILENAME ":" FNR ": only " home[library] "* may include " $2; bad = 1
		}
	}
}
END { exit bad }' || { echo 'layers: broken (see above)' >&2; exit 1; }
echo 'layers: clean'
