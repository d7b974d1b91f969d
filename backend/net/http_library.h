/* The library behind http. */
#ifndef CLAVIGER_NET_HTTP_LIBRARY_H
#define CLAVIGER_NET_HTTP_LIBRARY_H

/* The version of libcurl that is loaded: 7.88.1. */
const char *http_library(void);

#endif
