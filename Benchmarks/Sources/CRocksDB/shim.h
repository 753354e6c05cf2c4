// RocksDB's C interface, for the rows that compare with it.
#pragma once
#include <rocksdb/c.h>
