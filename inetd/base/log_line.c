/* log_line: see log_line.h. */
#include "base/log_line.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>
#include <time.h>

#include "base/decimal.h"
#include "base/json.h"

#define VALUE_BYTES 512 /* of one value; what is longer is cut */

/* Text that grows in a buffer and is cut at its end. */
struct out {
	char *buf;
	size_t size, used;
};

static void put_bytes(struct out *out, const char *bytes, size_t len)
{
	len = MIN(len, out->size - out->used - 1);
	memcpy(out->buf + out->used, bytes, len);
	out->used += len;
	out->buf[out->used] = 0;
}

static void put(struct out *out, const char *text)
{
	put_bytes(out, text, strlen(text));
}

static void put_char(struct out *out, char c)
{
	put_bytes(out, &c, 1);
}

static void put_number(struct out *out, int value)
{
	char text[DECIMAL_BYTES];

	put(out, decimal_text((uint64_t)value, text));
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

/* True if a value can stand in a line as it is, and cannot be mistaken for several. */
static bool is_plain(const char *value)
{
	return *value && !value[strcspn(value, " \"\\=")];
}

static void put_quoted(struct out *out, const char *value)
{
	put_char(out, '"');
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			put_char(out, '\\');
		put_char(out, *value);
	}
	put_char(out, '"');
}

/* True if a part of the text could be mistaken for a field, or the text for a quoted one. */
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
		put(&out, line->text);
	for (const struct log_field *field = line->fields; field && field->name; field++) {
		put_char(&out, ' ');
		put(&out, field->name);
		put_char(&out, '=');
		if (is_plain(value_of(field, value)))
			put(&out, value);
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
	put(out, ", \"");
	put(out, name);
	put(out, number ? "\": " : "\": \"");
	put(out, escaped);
	put(out, number ? "" : "\"");
}

size_t log_line_json(const struct log_line *line, char *buf, size_t size)
{
	struct out out = {buf, size, 0};
	char value[VALUE_BYTES], time[48], text[VALUE_BYTES * 4];

	stamp(line->time_us, time, sizeof(time));
	json_escape(line->text, text, MIN(sizeof(text), size / 2));
	put(&out, "{\"time\": \"");
	put(&out, time);
	put(&out, "\", \"level\": \"");
	put(&out, log_level_name(line->level));
	put(&out, "\", \"ident\": \"");
	put(&out, line->ident);
	put(&out, "\", \"daemon\": ");
	put_number(&out, line->pid);
	put(&out, ", \"message\": \"");
	put(&out, text);
	put(&out, "\"");
	for (const struct log_field *field = line->fields; field && field->name; field++)
		put_member(&out, field->name, value_of(field, value), field->number);
	put(&out, "}");
	return out.used;
}

/* "Jan  2 03:04:05"; made once a second. */
static const char *local_stamp(time_t now)
{
	static char text[32];
	static time_t of = -1;
	struct tm tm;

	if (now != of &&
		(!localtime_r(&now, &tm) || !strftime(text, sizeof(text), "%b %e %T", &tm)))
		text[0] = 0;
	of = now;
	return text;
}

size_t log_line_syslog(const struct log_line *line, const char *message, char *buf, size_t size)
{
	struct out out = {buf, size, 0};

	put_char(&out, '<');
	put_number(&out, LOG_DAEMON | line->level);
	put_char(&out, '>');
	put(&out, local_stamp((time_t)(line->time_us / 1000000)));
	put_char(&out, ' ');
	put(&out, line->ident);
	put_char(&out, '[');
	put_number(&out, line->pid);
	put(&out, "]: ");
	put(&out, message);
	return out.used;
}

size_t log_line_file(const struct log_line *line, const char *message, char *buf, size_t size)
{
	struct out out = {buf, size - 1, 0};
	char time[48];

	stamp(line->time_us, time, sizeof(time));
	put(&out, time);
	put_char(&out, ' ');
	put(&out, line->ident);
	put_char(&out, '[');
	put_number(&out, line->pid);
	put(&out, "]: ");
	put(&out, message);
	out.size = size;
	put_char(&out, '\n');
	return out.used;
}

size_t log_line_journal(const struct log_line *line, const char *message, char *buf, size_t size)
{
	struct out out = {buf, size, 0};
	char value[VALUE_BYTES];

	put(&out, "PRIORITY=");
	put_number(&out, line->level);
	put(&out, "\nSYSLOG_FACILITY=");
	put_number(&out, LOG_DAEMON >> 3);
	put(&out, "\nSYSLOG_IDENTIFIER=");
	put(&out, line->ident);
	put(&out, "\nSYSLOG_PID=");
	put_number(&out, line->pid);
	put(&out, "\nMESSAGE=");
	put(&out, message);
	put_char(&out, '\n');
	for (const struct log_field *field = line->fields; field && field->name; field++) {
		if (strlen(field->name) + strlen(value_of(field, value)) + 8 > size - out.used - 1)
			continue;
		put(&out, "INETD_");
		for (const char *c = field->name; *c; c++)
			put_char(&out, (char)toupper((unsigned char)*c));
		put_char(&out, '=');
		put(&out, value);
		put_char(&out, '\n');
	}
	return out.used;
}
