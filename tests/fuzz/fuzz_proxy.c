/* fuzz_proxy: any bytes as the beginning of a connection: what is found is within them, is the same
 * whatever follows and however it comes in, and names hosts that can be printed. */
#include "base/proxy.h"
#include "base/sockaddr.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(const struct proxy_end *end)
{
	assert(memchr(end->host, '\0', sizeof(end->host)));
	for (const char *c = end->host; *c; c++)
		assert(*c >= ' ' && *c <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sockaddr_len address;
	struct proxy whole, again;
	size_t len = 0, found;
	enum proxy_result result = proxy_scan(data, size, &whole, &len);

	if (result == PROXY_PART)
		assert(size < PROXY_MOST);
	if (result != PROXY_WHOLE)
		return 0;
	assert(len > 0 && len <= size && len <= PROXY_MOST);
	for (found = 0; found < len; found += 1 + len / 64)
		assert(proxy_scan(data, found, &again, &found) == PROXY_PART);
	assert(proxy_scan(data, len, &again, &found) == PROXY_WHOLE && found == len);
	assert(memcmp(&whole, &again, sizeof(whole)) == 0);
	look(&whole.source);
	look(&whole.target);
	if (whole.kind == PROXY_TCP || whole.kind == PROXY_UDP)
		assert(sockaddr_parse(whole.source.host, &address) &&
			sockaddr_parse(whole.target.host, &address));
	assert((whole.kind == PROXY_OWN) <= (whole.source.host[0] == '\0'));
	return 0;
}
