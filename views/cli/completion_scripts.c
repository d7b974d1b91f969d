/* The scripts know nothing of claviger but how to ask it: what is installed answers for itself. */
#include <stddef.h>
#include <string.h>

#include "views/cli/completion.h"

static const char bash[] =
	"# bash completion of claviger\n"
	"_claviger() {\n"
	"\tlocal word program=${COMP_WORDS[0]/#\\~\\//$HOME/}\n"
	"\tlocal -a words=(\"${COMP_WORDS[@]:1:COMP_CWORD}\")\n"
	"\tCOMPREPLY=()\n"
	"\twhile IFS=$'\\t' read -r word _; do\n"
	"\t\tCOMPREPLY+=(\"$word\")\n"
	"\tdone < <(\"$program\" completion words -- \"${words[@]}\" 2>/dev/null)\n"
	"\t[[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null\n"
	"\treturn 0\n"
	"}\n"
	"complete -o default -F _claviger claviger\n";

static const char zsh[] =
	"#compdef claviger\n"
	"_claviger() {\n"
	"\tlocal word what program=${~words[1]}\n"
	"\tlocal -a found\n"
	"\twhile IFS=$'\\t' read -r word what; do\n"
	"\t\tfound+=(\"${word//:/\\\\:}${what:+:$what}\")\n"
	"\tdone < <($program completion words -- \"${(@Q)words[2,CURRENT]}\" 2>/dev/null)\n"
	"\tif (( $#found )); then\n"
	"\t\t_describe -t words claviger found\n"
	"\telse\n"
	"\t\t_files\n"
	"\tfi\n"
	"}\n"
	"if [[ ${funcstack[1]} == _claviger ]]; then\n"
	"\t_claviger \"$@\"\n"
	"else\n"
	"\tcompdef _claviger claviger\n"
	"fi\n";

static const char fish[] =
	"# fish completion of claviger\n"
	"function __claviger_words\n"
	"\tset -l words (commandline -opc) (commandline -ct)\n"
	"\tset -l found ($words[1] completion words -- $words[2..-1] 2>/dev/null)\n"
	"\tif test (count $found) -gt 0\n"
	"\t\tprintf '%s\\n' $found\n"
	"\telse\n"
	"\t\t__fish_complete_path (commandline -ct)\n"
	"\tend\n"
	"end\n"
	"complete -c claviger -f -a '(__claviger_words)'\n";

const char *
completion_script(const char *shell)
{
	static const struct {
		const char *shell, *script;
	} scripts[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};

	for (size_t i = 0; i < ARRAY_LEN(scripts); i++)
		if (strcmp(scripts[i].shell, shell) == 0)
			return scripts[i].script;
	return NULL;
}
