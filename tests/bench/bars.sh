# How the scripts here print what they found; missed is 1 once a bar is not met.
missed=0

# bar NAME VALUE OP LIMIT UNIT
bar() {
	if awk -v value="$2" "BEGIN { exit !(value + 0 == value && value $3 $4) }"; then
		verdict=ok
	else
		verdict=MISSED missed=1
	fi
	printf '%-34s %10s %-8s bar %s %s  %s\n' "$1" "$2" "$5" "$3" "$4" "$verdict"
}
figure() { printf '%-34s %10s %s\n' "$1" "$2" "$3"; }
