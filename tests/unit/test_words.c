/* Which language, and sentences of the backend in it. The catalogue is the one beside the build. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tui/said.h"
#include "tui/words.h"

static int
clean(void **state)
{
	static const char *const names[] = {"LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"};

	(void)state;
	words_stop();
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		unsetenv(names[i]);
	return 0;
}

static void
start(const char *language)
{
	struct err err;

	if (!words_start(language, &err))
		fail_msg("%s", err.msg);
}

static void
test_named(void **state)
{
	struct err err;

	(void)state;
	start("zh_CN");
	assert_string_equal(_("Accounts"), "帐户");
	assert_string_equal(_("no such text"), "no such text");
	assert_string_equal(_(""), "");
	start("en");
	assert_string_equal(_("Accounts"), "Accounts");
	assert_false(words_start("xx_YY", &err));
	assert_int_equal(err.kind, ERR_USAGE);
}

static void
test_environment(void **state)
{
	(void)state;
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("LANGUAGE", "zh_CN:en", 1);
	start(NULL);
	assert_string_equal(_("Accounts"), "帐户");
}

/* A locale that this machine does not have names its language all the same. */
static void
test_foreign_locale(void **state)
{
	(void)state;
	setenv("LANG", "zh_CN.UTF-8", 1);
	start(NULL);
	assert_string_equal(_("Accounts"), "帐户");
}

static void
test_plain_locale(void **state)
{
	(void)state;
	setenv("LC_ALL", "C", 1);
	setenv("LANGUAGE", "zh_CN", 1);
	start(NULL);
	assert_string_equal(_("Accounts"), "Accounts");
}

static void
test_said(void **state)
{
	char room[SAID];

	(void)state;
	start("zh_CN");
	assert_string_equal(said("ok", room), "正常");
	assert_string_equal(said("behind by 2", room), "落后 2 个版本");
	assert_string_equal(said("aa-payroll has no system-assigned identity", room),
		"aa-payroll 没有系统分配的标识");
	/* The other order of names. */
	assert_string_equal(
		said("adds the role Key User on kv1/k1", room), "添加 kv1/k1 上的角色 Key User");
	/* A sentence in a sentence. */
	assert_string_equal(said("vault kv1: there is no key k1", room), "保管库 kv1: 没有密钥 k1");
	/* Names stay, also those that are words elsewhere. */
	assert_string_equal(
		said("vault vault of the key is not there", room), "密钥所在的保管库 vault 不存在");
	/* What stands before a sentence. */
	assert_string_equal(said("locked: aa-payroll has no system-assigned identity", room),
		"已锁定: aa-payroll 没有系统分配的标识");
	/* The ending of an English plural. */
	assert_string_equal(said("kv1: takes back the role R, 2 assignments on kv2", room),
		"kv1: 收回 kv2 上的角色 R，2 项分配");
	/* Several in a row. */
	assert_string_equal(said("westeurope, the same region, a managed HSM: Storage only", room),
		"westeurope, 同一区域，托管 HSM：仅限 Storage");
	assert_string_equal(said("It is disabled: enable it first. It will be made", room),
		"它已禁用：请先启用。将创建它");
	assert_string_equal(said("", room), "");
	assert_string_equal(said("of no catalogue", room), "of no catalogue");
	words_stop();
	assert_string_equal(said("ok", room), "ok");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_named, clean),
		cmocka_unit_test_setup(test_environment, clean),
		cmocka_unit_test_setup(test_foreign_locale, clean),
		cmocka_unit_test_setup(test_plain_locale, clean),
		cmocka_unit_test_setup(test_said, clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
