/* fuzz_classic: any bytes as an inetd.conf, positional lines and blocks. */
#include "fuzz_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_load("", "fuzz.conf", data, size);
	return 0;
}
