/* The target of the fuzzer. */
#ifndef CLAVIGER_TESTS_FUZZ_ROUTER_H
#define CLAVIGER_TESTS_FUZZ_ROUTER_H

#include <stddef.h>

/* Runs one input and ends the process on a reply that may not be; the status of the last request
 * (400: a server would not have let it in), 0 without any. */
unsigned fuzz_router(const void *bytes, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size);

#endif
