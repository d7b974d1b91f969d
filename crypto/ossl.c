/* OpenSSL keeps its reasons in a queue per thread; left there, they would be told to whoever fails
 * next. */
#include "crypto/ossl.h"

#include <openssl/err.h>

bool
ossl_fail(struct err *err, const char *code, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	err_set(err, ERR_FAILED, code, "%s: %s", what, reason ? reason : "OpenSSL gives no reason");
	ERR_clear_error();
	return false;
}
