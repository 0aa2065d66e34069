/* log_line: see log_line.h. */
#include "base/log_line.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>
#include <time.h>

#include "base/json.h"

#define VALUE_BYTES 512 /* of one value; what is longer is cut */

/* Text that grows in a buffer and is cut at its end. */
struct out {
	char *buf;
	size_t size, used;
};

__attribute__((format(printf, 2, 3))) static void put(struct out *out, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(out->buf + out->used, out->size - out->used, fmt, ap);
	va_end(ap);
	if (len > 0)
		out->used += (size_t)len;
	if (out->used >= out->size)
		out->used = out->size - 1;
}

const char *log_level_name(int level)
{
	static const char *const names[] = {
		"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"};

	return level >= 0 && level <= LOG_DEBUG ? names[level] : "?";
}

/* A value, masked, into buf. */
static const char *value_of(const struct log_field *field, char *buf)
{
	strlcpy(buf, field->text ? field->text : "", VALUE_BYTES);
	return log_mask(buf);
}

/* True if a value can stand in a line as it is, and nobody can mistake it for more. */
static bool is_plain(const char *value)
{
	return *value && !value[strcspn(value, " \"\\=")];
}

static void put_quoted(struct out *out, const char *value)
{
	put(out, "\"");
	for (; *value; value++)
		put(out, *value == '"' || *value == '\\' ? "\\%c" : "%c", *value);
	put(out, "\"");
}

/* True if somebody could take a part of the text for a field, or the text for a quoted one. */
static bool is_open(const char *text)
{
	for (const char *c = text; *c; c++)
		if (*c == '=' && c > text && c[-1] != ' ')
			return true;
	return *text == '"';
}

size_t log_line_text(const struct log_line *line, char *buf, size_t size)
{
	struct out out = {buf, size, 0};
	char value[VALUE_BYTES];

	if (is_open(line->text))
		put_quoted(&out, line->text);
	else
		put(&out, "%s", line->text);
	for (const struct log_field *field = line->fields; field && field->name; field++) {
		put(&out, " %s=", field->name);
		if (is_plain(value_of(field, value)))
			put(&out, "%s", value);
		else
			put_quoted(&out, value);
	}
	return out.used;
}

static void stamp(uint64_t time_us, char *buf, size_t size)
{
	time_t seconds = (time_t)(time_us / 1000000);
	char text[32] = "";
	struct tm tm;

	if (gmtime_r(&seconds, &tm))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf, size, "%s.%06uZ", text, (unsigned)(time_us % 1000000));
}

/* Puts `, "name": value` if it fits whole, with room left for the closing brace. */
static void put_member(struct out *out, const char *name, const char *value, bool number)
{
	char escaped[VALUE_BYTES * 6];
	size_t before = out->used;

	json_escape(value, escaped, sizeof(escaped));
	if (before + strlen(name) + strlen(escaped) + 9 > out->size)
		return;
	if (number)
		put(out, ", \"%s\": %s", name, escaped);
	else
		put(out, ", \"%s\": \"%s\"", name, escaped);
}

size_t log_line_json(const struct log_line *line, char *buf, size_t size)
{
	struct out out = {buf, size, 0};
	char value[VALUE_BYTES], time[48], text[VALUE_BYTES * 4];

	stamp(line->time_us, time, sizeof(time));
	json_escape(line->text, text, MIN(sizeof(text), size / 2));
	put(&out,
		"{\"time\": \"%s\", \"level\": \"%s\", \"ident\": \"%s\", \"daemon\": %d, "
		"\"message\": \"%s\"",
		time, log_level_name(line->level), line->ident, line->pid, text);
	for (const struct log_field *field = line->fields; field && field->name; field++)
		put_member(&out, field->name, value_of(field, value), field->number);
	put(&out, "}");
	return out.used;
}

size_t log_line_journal(const struct log_line *line, const char *message, char *buf, size_t size)
{
	struct out out = {buf, size, 0};
	char value[VALUE_BYTES];

	put(&out,
		"PRIORITY=%d\nSYSLOG_FACILITY=%d\nSYSLOG_IDENTIFIER=%s\nSYSLOG_PID=%d\nMESSAGE=%"
		"s\n",
		line->level, LOG_DAEMON >> 3, line->ident, line->pid, message);
	for (const struct log_field *field = line->fields; field && field->name; field++) {
		if (strlen(field->name) + strlen(value_of(field, value)) + 8 > size - out.used - 1)
			continue;
		put(&out, "INETD_");
		for (const char *c = field->name; *c; c++)
			put(&out, "%c", toupper((unsigned char)*c));
		put(&out, "=%s\n", value);
	}
	return out.used;
}
