// Counts how often the program that links this asks the heap for memory, in all threads.
#pragma once
#include <stdint.h>

/// Calls of malloc, calloc, realloc and their aligned relatives so far, in this process.
uint64_t allocation_count(void);

/// Whether calls are counted on this system.
int allocation_count_works(void);
