#include "recall_system.h"
uint32_t recall_crc32c(uint32_t crc, const void *bytes, size_t count) { return crc; }
