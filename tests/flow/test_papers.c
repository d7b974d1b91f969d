/* What explains the program to people: explain, and the completions as bash uses them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/base/err.h"
#include "tests/fixtures/run.h"

enum { SAID_MAX = 65536 };

static void
explained(const char *word, const char *name, const char *remedy)
{
	struct ran ran;
	json_t *root;

	run(&ran, "explain", word, "-o", "json", NULL);
	ran_expect(&ran, 0);
	root = ran_json(&ran);
	assert_string_equal(text_at(root, "0.code"), name);
	assert_true(*text_at(root, "0.means") != '\0');
	assert_true(*text_at(root, "0.source") != '\0');
	if (!strstr(text_at(root, "0.remedy"), remedy))
		fail_msg("%s: %s", word, text_at(root, "0.remedy"));
	json_decref(root);
	ran_free(&ran);
}

static void
every_sort_of_code(void **state)
{
	(void)state;
	explained("KeyDisabled", "KeyDisabled", "key enable");
	explained("keyvaultauthenticationfailure", "KeyVaultAuthenticationFailure", "posture");
	explained("AADSTS7000215", "AADSTS7000215", "new secret");
	explained("7000215", "AADSTS7000215", "new secret");
	explained("purge-protection-off", "purge-protection-off", "never be switched off");
	explained("key-exists", "key-exists", "another name");
	explained("75", "75", "resume");
	explained("JournalTorn", "JournalTorn", "mends");
}

static void
a_page_for_people(void **state)
{
	struct ran ran;

	(void)state;
	run(&ran, "explain", "ForbiddenByRbac", "-o", "table", NULL);
	ran_expect(&ran, 0);
	assert_non_null(strstr(ran.out, "ForbiddenByRbac (Key Vault"));
	assert_non_null(strstr(ran.out, "what to do:"));
	assert_non_null(strstr(ran.out, "[Provide access to Key Vault keys"));
	for (const char *line = ran.out; *line; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= 80);
	ran_free(&ran);
}

static void
an_unknown_code_names_its_neighbours(void **state)
{
	struct ran ran;

	(void)state;
	run(&ran, "explain", "KeyDisabeld", NULL);
	ran_expect(&ran, 3);
	ran_complains(&ran, "KeyDisabeld", "KeyDisabled", NULL);
	assert_string_equal(ran.out, "");
	ran_free(&ran);
	run(&ran, "explain", "\033[31mzzzzzzzzzz", NULL);
	ran_expect(&ran, 3);
	ran_complains(&ran, "claviger explain", NULL);
	assert_null(strchr(ran.err, '\033'));
	ran_free(&ran);
}

static void
all_codes_can_be_listed(void **state)
{
	struct ran ran;
	json_t *root;

	(void)state;
	run(&ran, "explain", "-o", "json", NULL);
	ran_expect(&ran, 0);
	root = ran_json(&ran);
	assert_true(json_array_size(root) > 250);
	find(root, "code", "KeyVaultEncryptionKeyNotFound");
	json_decref(root);
	ran_free(&ran);
}

/* Whether this machine has the shell. */
static bool
there_is(const char *shell)
{
	char command[64];

	snprintf(command, sizeof command, "command -v %s >/dev/null", shell);
	if (system(command) == 0)
		return true;
	printf("skipped: the completion in %s (not installed)\n", shell);
	return false;
}

/* What a shell says to a script that it reads from a file; $P is the program. */
static void
script(const char *shell, const char *text, char said[SAID_MAX])
{
	char path[] = "/tmp/claviger-script-XXXXXX", command[256];
	int fd = mkstemp(path), status;
	size_t len;
	FILE *out;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	assert_int_equal(setenv("P", run_program(), 1), 0);
	snprintf(command, sizeof command, "exec %s %s 2>&1", shell, path);
	out = popen(command, "r");
	assert_non_null(out);
	len = fread(said, 1, SAID_MAX - 1, out);
	said[len] = '\0';
	status = pclose(out);
	unlink(path);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("%s: %s", shell, said);
}

/* The last word of a line, completed by bash: the words, and * after the text where no blank is to
 * follow. */
static void
in_bash(const char *words, const char *expected)
{
	char text[1024], said[SAID_MAX];

	snprintf(text, sizeof text,
		"source <($P completion bash)\n"
		"complete -p claviger >/dev/null || exit 1\n"
		"COMP_WORDS=($P %s)\n"
		"COMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n"
		"_claviger\n"
		"printf '%%s ' \"${COMPREPLY[@]}\"\n",
		words);
	script("bash", text, said);
	if (strcmp(said, expected) != 0)
		fail_msg("%s: '%s', not '%s'", words, said, expected);
}

static void
bash_completes(void **state)
{
	(void)state;
	if (!there_is("bash"))
		skip();
	in_bash("onb", "onboard ");
	in_bash("account sh", "show ");
	in_bash("account show --verb", "--verbose ");
	in_bash("onboard x --create-key ''", "2048 3072 4096 ");
	in_bash("onboard x --create-key = ''", "2048 3072 4096 ");
	in_bash("onboard x --create-key =", "2048 3072 4096 ");
	in_bash("explain KeyDis", "KeyDisabled ");
	in_bash("completion z", "zsh ");
	in_bash("help storage-", "storage-after-a-cut ");
	in_bash("help san", "sandbox ");
	in_bash("help key", "keys key ");
	in_bash("--theme tri", "tritanopia ");
}

static void
other_shells_read_theirs(void **state)
{
	static const struct {
		const char *shell, *text;
	} scripts[] = {
		{"zsh", "$P completion zsh >$TMPDIR$0.z && zsh -n $TMPDIR$0.z; c=$?; rm $TMPDIR$0.z; exit $c"},
		{"fish", "$P completion fish | source; and complete -C '$P x' >/dev/null; "
			 "functions -q __claviger_words"},
	};
	char said[SAID_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(scripts); i++)
		if (there_is(scripts[i].shell))
			script(scripts[i].shell, scripts[i].text, said);
}

static void
an_unknown_shell_is_refused(void **state)
{
	struct ran ran;

	(void)state;
	run(&ran, "completion", "tcsh", NULL);
	ran_expect(&ran, 2);
	ran_complains(&ran, "bash, zsh or fish", NULL);
	ran_free(&ran);
	run(&ran, "completion", NULL);
	ran_expect(&ran, 2);
	ran_free(&ran);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_sort_of_code),
		cmocka_unit_test(a_page_for_people),
		cmocka_unit_test(an_unknown_code_names_its_neighbours),
		cmocka_unit_test(all_codes_can_be_listed),
		cmocka_unit_test(bash_completes),
		cmocka_unit_test(other_shells_read_theirs),
		cmocka_unit_test(an_unknown_shell_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
