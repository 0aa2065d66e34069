/* table: see table.h. */
#include "inetctl/table.h"

#include <err.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "base/log.h"
#include "inetctl/text.h"

void table_begin(struct table *table, const char *const *names, size_t columns)
{
	*table = (struct table){.columns = columns};
	for (size_t i = 0; i < columns; i++) {
		table->right[i] = *names[i] == '>';
		table_add(table, names[i] + table->right[i]);
	}
}

void table_add(struct table *table, const char *text)
{
	char *copy = strdup(text && *text ? text : "-");

	if (table->count == table->room) {
		table->room = table->room ? table->room * 2 : 256;
		table->cells = reallocarray(table->cells, table->room, sizeof(*table->cells));
	}
	if (!copy || !table->cells)
		err(1, "table");
	log_mask(copy);
	if ((table->count + 1) % table->columns)
		for (char *c = copy; *c; c++)
			if (*c == ' ')
				*c = '?';
	table->cells[table->count++] = copy;
}

void table_add_number(struct table *table, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	table_add(table, text);
}

static void put_cell(FILE *out, const char *text, int width, bool right)
{
	int blanks = MAX(0, width - text_width(text));

	if (right)
		fprintf(out, "%*s%s", blanks, "", text);
	else
		fprintf(out, "%s%*s", text, blanks, "");
}

void table_end(struct table *table, FILE *out)
{
	int widths[TABLE_COLUMNS] = {0};

	for (size_t i = 0; i < table->count; i++)
		widths[i % table->columns] =
			MAX(widths[i % table->columns], text_width(table->cells[i]));
	for (size_t i = 0; i < table->count; i++) {
		size_t column = i % table->columns;

		if (column == 0)
			fprintf(out, "%*s", table->indent, "");
		if (column + 1 == table->columns) {
			fprintf(out, "%s\n", table->cells[i]);
			continue;
		}
		put_cell(out, table->cells[i], widths[column], table->right[column]);
		fputs("  ", out);
	}
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i]);
	free(table->cells);
	*table = (struct table){0};
}
