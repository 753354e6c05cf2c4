// The headers of libmemcached that Recall uses.
#include <libmemcached/memcached.h>
