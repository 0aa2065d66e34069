/* fuzz_block: any bytes behind the beginning of a NetBSD block: its values, its end, other blocks.
 */
#include "fuzz_config.h"

#define HEAD "9000 on exec = /bin/sh, user = root, "

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + sizeof(HEAD));

	assert(text);
	memcpy(text, HEAD, sizeof(HEAD) - 1);
	memcpy(text + sizeof(HEAD) - 1, data, size);
	fuzz_load("echo stream tcp nowait root internal\n", "fuzz.conf", (const uint8_t *)text,
		size + sizeof(HEAD) - 1);
	free(text);
	return 0;
}
