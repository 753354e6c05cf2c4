// hiredis as Swift sees it: the protocol's writer and reader. Its connections are not used.
#pragma once
#include <stdlib.h>
#include <hiredis/hiredis.h>
