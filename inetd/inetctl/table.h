/* table: rows of text in columns as wide as their widest cell. */
#ifndef INETCTL_TABLE_H
#define INETCTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define TABLE_COLUMNS 16

struct table {
	size_t columns;
	int indent;                /* blanks before each row */
	bool right[TABLE_COLUMNS]; /* numbers */
	char **cells;              /* owned; row after row */
	size_t count, room;        /* of cells */
};

/* Begins with a header line: `columns` names; one that begins with '>' is of a column of numbers.
 */
void table_begin(struct table *table, const char *const *names, size_t columns);

/* Adds the next cell, copied and masked (log_mask()); NULL and "" are shown as "-". Blanks within
 * become '?', so that a script can split a line at them, but in the last column of a row. */
void table_add(struct table *table, const char *text);

/* The same for numbers. */
void table_add_number(struct table *table, uint64_t number);

/* Writes everything and frees it. */
void table_end(struct table *table, FILE *out);

#endif
