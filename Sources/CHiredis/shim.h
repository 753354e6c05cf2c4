// hiredis as Swift sees it: the protocol's writer and reader. Its connections are not used.
#pragma once
#include <stdlib.h>
#include <hiredis/hiredis.h>

#if HIREDIS_MAJOR >= 1
static inline void *recall_hiredis_no_double(const redisReadTask *task, double value, char *text, size_t size) {
    (void)task, (void)value, (void)text, (void)size;
    return NULL;
}
static inline void *recall_hiredis_no_bool(const redisReadTask *task, int value) {
    (void)task, (void)value;
    return NULL;
}
#endif

// Lets the parser end with an error where a server answers with a number of floating point or a truth value, which the store's
// commands never do. From version 1 on it knows both, and gives the number of their type for a pointer where nobody makes objects of
// them.
static inline void recall_hiredis_refuse_newer(redisReplyObjectFunctions *functions) {
#if HIREDIS_MAJOR >= 1
    functions->createDouble = recall_hiredis_no_double;
    functions->createBool = recall_hiredis_no_bool;
#else
    (void)functions;
#endif
}
