/* fuzz_import: any bytes as the files of another super-server that `inetctl import` reads, the
 * first byte says which one's. What comes out is read as a configuration. Files have only to be
 * opened: each that is asked for is the next part of the data, up to a byte of value 1. */
#include "fuzz_config.h"

#include <stdio.h>
#include <stdlib.h>

#include "inetctl/import/rlinetd.h"
#include "inetctl/import/ucspi.h"
#include "inetctl/import/unit.h"
#include "inetctl/import/xinetd.h"

#define PART_END 1

int LLVMFuzzerInitialize(int *argc, char ***argv);
bool __wrap_source_open(struct source *source, struct conversion *conversion, const char *path);
char **__wrap_source_names(struct conversion *conversion, const char *directory);

static const char *parts, *parts_end;

/* The linker puts these in the place of those of source.c. */
bool __wrap_source_open(struct source *source, struct conversion *conversion, const char *path)
{
	const char *end;

	*source = (struct source){.path = conversion_text(conversion, "%s", path)};
	if (parts == parts_end)
		return false;
	end = memchr(parts, PART_END, (size_t)(parts_end - parts));
	end = end ? end : parts_end;
	if (memchr(parts, 0, (size_t)(end - parts)))
		return false;
	source->rest = conversion_text(conversion, "%.*s", (int)(end - parts), parts);
	parts = end + (end < parts_end);
	return true;
}

char **__wrap_source_names(struct conversion *conversion, const char *directory)
{
	char **names = arena_calloc(&conversion->arena, 3, sizeof(*names));

	(void)directory;
	names[0] = conversion_text(conversion, "one");
	names[1] = conversion_text(conversion, "two.socket");
	return names;
}

/* What they say of mistakes is not for the log of the fuzzer. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
#ifdef __GLIBC__ /* elsewhere it is a constant */
	stderr = fopen("/dev/null", "we");
#endif
	return stderr ? 0 : 1;
}

static bool convert(struct conversion *conversion, unsigned which)
{
	struct entries entries = STAILQ_HEAD_INITIALIZER(entries);
	bool good;

	switch (which % 4) {
	case 0:
		return rlinetd_convert(conversion, "/x/rlinetd.conf");
	case 1:
		return unit_convert(conversion, "/x/one.socket");
	case 2:
		return ucspi_convert(conversion, "/x/run");
	default:
		good = xinetd_file_read(conversion, "/x/xinetd.conf", &entries);
		xinetd_convert(conversion, &entries);
		return good;
	}
}

static void read_back(const struct conversion *conversion)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert(out);
	conversion_report(conversion, out);
	rewind(out);
	conversion_print(conversion, out);
	assert(fclose(out) == 0);
	fuzz_load("", "imported.ini", (const uint8_t *)text, len);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conversion conversion;

	if (!size)
		return 0;
	parts = (const char *)data + 1;
	parts_end = parts + size - 1;
	conversion_init(&conversion);
	if (convert(&conversion, data[0]))
		read_back(&conversion);
	conversion_free(&conversion);
	return 0;
}
