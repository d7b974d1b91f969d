/* Asked at run time: the library that is loaded need not be the one that was compiled against. */
#include "backend/net/http_library.h"

#include <curl/curl.h>

const char *
http_library(void)
{
	return curl_version_info(CURLVERSION_NOW)->version;
}
