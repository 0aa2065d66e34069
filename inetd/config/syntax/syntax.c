/* syntax: see syntax.h. */
#include "config/syntax/syntax.h"

#include "config/syntax/classic.h"
#include "config/syntax/foreign.h"
#include "config/syntax/ini.h"

void syntax_read(struct input *input)
{
	const char *path = input->source->path;
	size_t len = strlen(path);
	bool ini = len > 4 && !strcmp(path + len - 4, ".ini");

	input->dialect = load_dialect(input->load, input->parent);
	if (foreign_file(input, ini))
		return;
	if (ini)
		ini_read(input);
	else
		classic_read(input);
}
