/* conversion: what an importer makes of the files of another super-server: sections of an INI file,
 * and for each attribute what became of it: a key, nothing because it holds here anyway, or a
 * comment that says what is lost. Owns all texts. Out of memory it ends the program: inetctl has
 * nothing to lose. */
#ifndef IMPORT_CONVERSION_H
#define IMPORT_CONVERSION_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/queue.h>

#include "base/arena.h"

/* Where an attribute stands, and how it is written, for messages: "nice = 10". */
struct origin {
	const char *file;
	unsigned line;
	const char *text;
};

enum fate { FATE_COMMENT, FATE_CONVERTED, FATE_IMPLIED, FATE_LOST };

/* One attribute, or a comment of its file. */
struct remark {
	STAILQ_ENTRY(remark) in_section;
	enum fate fate;
	struct origin origin;
	const char *key, *text; /* "key = text", or the reason; key NULL: no line of its own */
};

struct section {
	STAILQ_ENTRY(section) in_conversion;
	struct conversion *conversion; /* borrowed */
	const char *name;
	struct origin origin;
	bool is_shut; /* it cannot be served: all of it is comment */
	STAILQ_HEAD(remarks, remark) remarks;
};

struct conversion {
	struct arena arena;
	STAILQ_HEAD(sections, section) sections;
	unsigned counts[FATE_LOST + 1];
};

void conversion_init(struct conversion *conversion);
void conversion_free(struct conversion *conversion);

/* printf into the conversion's memory. */
char *conversion_text(struct conversion *conversion, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* A new section, or "defaults". */
struct section *conversion_section(
	struct conversion *conversion, const char *name, struct origin origin);

/* The attribute becomes "key = value". Where this version has no such key, or the key does not take
 * the value, it is lost, and the comment says so: it is converted as soon as the key is there. */
void conversion_key(
	struct section *section, struct origin origin, const char *key, const char *value);

/* The same for "key += value". */
void conversion_add(
	struct section *section, struct origin origin, const char *key, const char *value);

/* The attribute needs no counterpart: "what follows" says why. */
void conversion_implied(struct section *section, struct origin origin, const char *why);

/* What is lost with the attribute, and what to do. */
void conversion_lost(struct section *section, struct origin origin, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The service as a whole cannot be served, and why: its section is written as comments. */
void conversion_shut(struct section *section, struct origin origin, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* A comment of the file, without what marks it as one. */
void conversion_comment(struct section *section, const char *text);

/* True if this version has the key and takes the value in a service. */
bool conversion_takes(struct conversion *conversion, const char *key, const char *value);

/* The INI file; and a line for each attribute, for --check. */
void conversion_print(const struct conversion *conversion, FILE *out);
void conversion_report(const struct conversion *conversion, FILE *out);

#endif
