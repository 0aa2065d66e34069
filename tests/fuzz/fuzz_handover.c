/* fuzz_handover: any bytes as the state of a daemon before (inetctl upgrade). It is refused, or
 * each of its records is found once, and bytes of a field come back when they are written again. */
#include <assert.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/handover.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BYTES 64

static struct {
	unsigned char bytes[BYTES];
	size_t len;
} found;

static void see_again(const struct record *record)
{
	unsigned char bytes[BYTES];

	assert(handover_get_bytes(record, "field", bytes, sizeof(bytes)) == found.len);
	assert(!memcmp(bytes, found.bytes, found.len));
}

static void look(const struct record *record)
{
	struct sockaddr_len addr;
	size_t len;

	for (size_t i = 0; i < record->count; i++) {
		handover_get_address(record, record->fields[i].name, &addr);
		assert(addr.len <= sizeof(addr.addr));
		len = handover_get_bytes(
			record, record->fields[i].name, found.bytes, sizeof(found.bytes));
		found.len = len ? len : found.len;
	}
}

/* A state with what was found last. */
static void write_again(void)
{
	FILE *out = handover_begin();
	int fd;

	assert(out);
	record_begin(out, "again");
	handover_put_bytes(out, "field", found.bytes, found.len);
	record_end(out);
	fd = handover_end(out);
	assert(fd >= 0 && !handover_read(fd) && !handover_check());
	handover_each("again", see_again);
	handover_forget();
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const types[] = {
		"daemon", "service", "source", "program", "socket", "endpoint", ""};
	int fd = memfd_create("state", MFD_CLOEXEC);

	assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	found.len = 0;
	if (!handover_read(fd)) {
		handover_check();
		for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
			handover_each(types[i], look);
	}
	handover_forget();
	close(fd);
	if (found.len)
		write_again();
	return 0;
}
