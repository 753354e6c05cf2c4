// LMDB, for the rows that compare with it.
#pragma once
#include <lmdb.h>
