// liblz4 as Swift sees it: the block functions, their streaming states and the slow, denser variant.
#pragma once
#include <lz4.h>
#include <lz4hc.h>
