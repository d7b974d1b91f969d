#!/bin/sh
# Calls that have no place in this program. fork is for `claviger sandbox --detach` alone; the
# terminal and stdout are written by one module each.
bad=0
look() {
	found=$(find backend crypto tui views -name '*.[ch]' | grep -vE "$3" |
		xargs grep -nE "(^|[^a-zA-Z0-9_>.])($1)[[:space:]]*\(" 2>/dev/null)
	[ -z "$found" ] && return
	echo "$found"
	echo "banned: $2"
	bad=1
}
look 'system|popen|exec[lv][pe]*|strcpy|strcat|sprintf|vsprintf|gets|strtok|tmpnam|mktemp|rand|srand|atoi|atol|alloca' \
	'a call with no place in this program' '^$'
look 'fork|vfork|daemon' 'a second process' '^views/cli/sandbox\.c$'
look 'posix_spawnp?' 'another program' '^backend/auth/process\.c$'
look 'curl_easy_[a-z]+|curl_multi_[a-z]+' 'libcurl outside backend/net/http.c' '^backend/net/http\.c$'
look 'getenv|secure_getenv' 'the environment outside its readers' \
	'^(backend/base/file|backend/auth/[a-z_]*|backend/config/(az_config|config_az)|backend/journal/journal|tui/(term|theme|words)|views/(main|cli/[a-z_]*)|backend/sandbox/[a-z]*)\.c$'
grep -rn 'SSL_VERIFYPEER\|SSL_VERIFYHOST' backend tui views crypto 2>/dev/null | grep -v '^backend/net/http\.c:' && {
	echo 'banned: TLS verification is set in one place'
	bad=1
}
[ $bad = 0 ] || exit 1
echo 'banned: clean'
