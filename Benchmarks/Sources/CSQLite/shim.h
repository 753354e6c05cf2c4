// SQLite, for the rows that compare with it.
#pragma once
#include <sqlite3.h>
