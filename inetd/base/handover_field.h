/* handover_field: members of a struct as fields of a record of the state (base/handover.h), by one
 * table that says for each its name there, where it is, and what one that is missing stands for:
 * both for who writes and for who reads. Members that have no row stay behind. */
#ifndef BASE_HANDOVER_FIELD_H
#define BASE_HANDOVER_FIELD_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/record.h"

struct handover_field {
	const char *name;
	uint16_t at, size;
	enum {
		HANDOVER_NUMBER,  /* unsigned, or an int, of 1, 2, 4 or 8 bytes */
		HANDOVER_FLAG,    /* bool */
		HANDOVER_FD,      /* int; what is read is the caller's, -1: none */
		HANDOVER_ADDRESS, /* struct sockaddr_len */
		HANDOVER_LIST,    /* an array of numbers */
	} type;
	uint16_t each;    /* bytes of one of a list */
	uint64_t missing; /* the number that is not written */
};

/* A row; HANDOVER_ROW_ID() is for what is not known as -1. */
#define HANDOVER_ROW(how, of, member, field)                                                       \
	{                                                                                          \
		.name = (field), .at = offsetof(struct of, member),                                \
		.size = sizeof(((struct of *)NULL)->member), .type = HANDOVER_##how                \
	}
#define HANDOVER_ROW_ID(of, member, field)                                                         \
	{                                                                                          \
		.name = (field), .at = offsetof(struct of, member),                                \
		.size = sizeof(((struct of *)NULL)->member), .missing = UINT32_MAX                 \
	}
#define HANDOVER_ROW_LIST(of, member, field)                                                       \
	{                                                                                          \
		.name = (field), .at = offsetof(struct of, member),                                \
		.size = sizeof(((struct of *)NULL)->member), .type = HANDOVER_LIST,                \
		.each = sizeof(((struct of *)NULL)->member[0])                                     \
	}

#define HANDOVER_ROWS(table) (table), sizeof(table) / sizeof((table)[0])

/* Fields of the record that is being written, from a struct. */
void handover_put_rows(
	FILE *out, const struct handover_field *rows, size_t count, const void *from);

/* The same members from a record. A number that does not fit becomes the largest that does; of a
 * list what is missing becomes 0. */
void handover_get_rows(
	const struct record *record, const struct handover_field *rows, size_t count, void *into);

#endif
