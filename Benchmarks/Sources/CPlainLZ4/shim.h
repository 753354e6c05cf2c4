// liblz4, for the bytes that the bare file gets; named apart from the engine's own module.
#pragma once
#include <lz4.h>
