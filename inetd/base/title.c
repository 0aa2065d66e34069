/* title: see title.h. */
#include "base/title.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char *last; /* byte of the arguments, as the kernel knows them */

void title_init(int argc, char **argv)
{
	if (argc > 0)
		last = strchr(argv[argc - 1], '\0');
	setproctitle_init(argc, argv, environ);
}

void title_set(const char *format, ...)
{
	char text[128];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	setproctitle("%s", text);
	/* Where this byte is not NUL the kernel takes what stands before the first NUL for the
	 * title; else the rest of the old arguments would be shown as empty words. proc(5) */
	if (last && !*last && !last[-1])
		*last = '.';
}
