/* section: see section.h. */
#include "control/section.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "config/show/show.h"
#include "control/control.h"

/* "env = ..." and what it goes on with, also in a section that is a comment as a whole. */
static bool is_environment(const char *line)
{
	line += strspn(line, "# ");
	return !strncmp(line, "env =", 5) || !strncmp(line, "env +=", 6);
}

void section_write(FILE *out, const struct service *service)
{
	char *text = NULL, *rest, *line;
	size_t len = 0;
	FILE *section;

	if (control_trusts()) {
		show_service(service, out);
		return;
	}
	section = open_memstream(&text, &len);
	if (!section)
		return;
	show_service(service, section);
	rest = fclose(section) == 0 ? text : NULL;
	while ((line = strsep(&rest, "\n"))) {
		if (is_environment(line))
			fputs("# env: only root may see the values\n", out);
		else if (*line || rest)
			fprintf(out, "%s\n", line);
	}
	free(text);
}
