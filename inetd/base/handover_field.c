/* handover_field: see handover_field.h. */
#include "base/handover_field.h"

#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "base/handover.h"
#include "base/writer.h"

static uint64_t load(const unsigned char *at, size_t size)
{
	uint64_t large;
	uint32_t word;
	uint16_t half;

	switch (size) {
	case sizeof(large):
		memcpy(&large, at, size);
		return large;
	case sizeof(word):
		memcpy(&word, at, size);
		return word;
	case sizeof(half):
		memcpy(&half, at, size);
		return half;
	default:
		return *at;
	}
}

static void store(unsigned char *at, size_t size, uint64_t number)
{
	uint32_t word = (uint32_t)MIN(number, UINT32_MAX);
	uint16_t half = (uint16_t)MIN(number, UINT16_MAX);

	if (size == sizeof(number))
		memcpy(at, &number, size);
	else if (size == sizeof(word))
		memcpy(at, &word, size);
	else if (size == sizeof(half))
		memcpy(at, &half, size);
	else
		*at = (unsigned char)MIN(number, UINT8_MAX);
}

static void put_list(FILE *out, const struct handover_field *row, const unsigned char *at)
{
	struct writer writer;

	writer_begin(&writer, out);
	writer_format(&writer, "\t%s#", row->name);
	for (size_t i = 0; i < row->size; i += row->each) {
		if (i)
			writer_char(&writer, ',');
		writer_number(&writer, load(at + i, row->each));
	}
	writer_end(&writer);
}

static void put_row(FILE *out, const struct handover_field *row, const unsigned char *at)
{
	struct sockaddr_len addr;
	uint64_t number;
	int fd;

	switch (row->type) {
	case HANDOVER_FD:
		memcpy(&fd, at, sizeof(fd));
		handover_put_fd(out, row->name, fd);
		break;
	case HANDOVER_ADDRESS:
		memcpy(&addr, at, sizeof(addr));
		handover_put_address(out, row->name, &addr);
		break;
	case HANDOVER_LIST:
		put_list(out, row, at);
		break;
	default:
		number = load(at, row->size);
		if (number != row->missing)
			record_number(out, row->name, number);
	}
}

void handover_put_rows(FILE *out, const struct handover_field *rows, size_t count, const void *from)
{
	for (size_t i = 0; i < count; i++)
		put_row(out, &rows[i], (const unsigned char *)from + rows[i].at);
}

static void get_list(const char *text, const struct handover_field *row, unsigned char *at)
{
	memset(at, 0, row->size);
	for (size_t i = 0; text && *text && i < row->size; i += row->each) {
		char *end;

		store(at + i, row->each, strtoull(text, &end, 10));
		text = *end == ',' ? end + 1 : end;
		if (text == end && *end)
			return;
	}
}

static void get_row(
	const struct record *record, const struct handover_field *row, unsigned char *at)
{
	bool there = record_get(record, row->name);
	uint64_t number = there ? record_get_number(record, row->name) : row->missing;
	struct sockaddr_len addr;
	bool flag = number;
	int fd;

	switch (row->type) {
	case HANDOVER_FD:
		fd = handover_take_fd(record, row->name);
		memcpy(at, &fd, sizeof(fd));
		break;
	case HANDOVER_ADDRESS:
		handover_get_address(record, row->name, &addr);
		memcpy(at, &addr, sizeof(addr));
		break;
	case HANDOVER_LIST:
		get_list(record_get(record, row->name), row, at);
		break;
	case HANDOVER_FLAG:
		memcpy(at, &flag, sizeof(flag));
		break;
	default:
		store(at, row->size, number);
	}
}

void handover_get_rows(
	const struct record *record, const struct handover_field *rows, size_t count, void *into)
{
	for (size_t i = 0; i < count; i++)
		get_row(record, &rows[i], (unsigned char *)into + rows[i].at);
}
