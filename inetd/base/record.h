/* record: facts as lines of text, for the control socket: written by the daemon, read by inetctl
 * and by service programs. A record is one line:
 *
 *	TYPE <tab> name=text <tab> name#number ... <newline>
 *
 * A number is not negative and may have a fraction; several with commas between them are a list. In
 * texts a backslash, a tab and a newline are written \\ \t \n; bytes that are not valid UTF-8 and
 * other control characters have become '?', so that a text can always be shown. */
#ifndef BASE_RECORD_H
#define BASE_RECORD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define RECORD_FIELDS 64

struct record_field {
	const char *name;
	const char *text; /* of numbers their digits */
	bool number;      /* or several, with commas */
};

/* One record taken apart; everything points into the line. */
struct record {
	const char *type;
	struct record_field fields[RECORD_FIELDS];
	size_t count;
};

/* Writing: begin, any fields, end. A text of NULL is left out. */
void record_begin(FILE *out, const char *type);
void record_text(FILE *out, const char *name, const char *text);
void record_number(FILE *out, const char *name, uint64_t number);
void record_numbers(FILE *out, const char *name, const char *numbers); /* as text: "0.5", "1,2" */
void record_end(FILE *out);

/* Takes a line (with or without its newline) apart, in place. False if it is none, or has more than
 * RECORD_FIELDS fields. */
bool record_parse(char *line, struct record *out);

/* The text of a field, or NULL; the number of one, or 0. */
const char *record_get(const struct record *record, const char *name);
uint64_t record_get_number(const struct record *record, const char *name);

/* True for what may stand as a number in a record, or several with commas. */
bool record_is_number(const char *text);

/* The record as one JSON object (RFC 8259) with its type as the member `record`; numbers as
 * numbers, lists as arrays. */
void record_json(const struct record *record, FILE *out);

#endif
