/* fuzz_request: any bytes as what a client of the control socket sends, cut anywhere: the answer to
 * "is it whole, and what is it" is the same for the first newline however much has come behind it,
 * and what is taken out lies within the line and is what stands there. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum request_state parse(const uint8_t *data, size_t len, char **copy, struct request *out)
{
	/* Of the exact size, so that a read behind it is found. */
	*copy = malloc(len ? len : 1);
	assert(*copy);
	memcpy(*copy, data, len);
	return request_parse(*copy, len, out);
}

static void look(const struct request *request, const char *line, size_t len)
{
	size_t head = strlen(REQUEST_PROTOCOL), verb = strlen(request->verb);

	assert(request->verb == line + head && verb > 0 && !strchr(request->verb, ' '));
	if (!request->arg) {
		assert(head + verb == len || head + verb + 1 == len);
		return;
	}
	assert(request->arg == request->verb + verb + 1 && *request->arg);
	assert(head + verb + 1 + strlen(request->arg) == len);
	for (const char *c = request->arg; *c; c++)
		assert((unsigned char)*c >= 0x20 && *c != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end;
	struct request request, again;
	enum request_state state, shorter;
	char *copy;

	if (size > REQUEST_BYTES)
		size = REQUEST_BYTES;
	end = memchr(data, '\n', size);
	state = parse(data, size, &copy, &request);
	if (state == REQUEST_WHOLE)
		look(&request, copy, (size_t)(end - data));
	free(copy);
	assert((state == REQUEST_WHOLE || state == REQUEST_FOREIGN) <= (end != NULL));
	assert(state != REQUEST_PART || (!end && size < REQUEST_BYTES));
	if (!end)
		return 0;
	shorter = parse(data, (size_t)(end - data) + 1, &copy, &again);
	free(copy);
	assert(shorter == state);
	shorter = parse(data, (size_t)(end - data), &copy, &again);
	free(copy);
	assert(shorter == REQUEST_PART || shorter == REQUEST_WRONG);
	return 0;
}
