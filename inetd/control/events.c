/* events: see events.h. */
#include "control/events.h"

#include <string.h>

#include "base/handover.h"
#include "base/large.h"
#include "base/log_line.h"
#include "base/record.h"

#define TEXT_BYTES  320
#define PAIRS_BYTES 256
#define CUT         "..." /* stands at the end of what was too long */

struct event {
	uint64_t time_us; /* 0 = none */
	int level;
	char text[TEXT_BYTES];
	char pairs[PAIRS_BYTES]; /* sign, name, NUL, value, NUL...; what does not fit is left out */
	unsigned pairs_len;
};

static struct {
	unsigned next;
	struct event ring[EVENTS_MOST]; /* takes memory as it fills */
} events LARGE;

/* Ends a text that fills its buffer with CUT, after its last whole character. */
static void mark_cut(char *text, size_t size)
{
	size_t end = size - sizeof(CUT);

	while (end > 0 && ((unsigned char)text[end] & 0xc0) == 0x80)
		end--;
	strlcpy(text + end, CUT, size - end);
}

static void keep_field(struct event *event, const struct log_field *field)
{
	const char *value = field->text ? field->text : "";
	char *pair = event->pairs + event->pairs_len;
	size_t room = PAIRS_BYTES - event->pairs_len;
	int len =
		snprintf(pair, room, "%c%s%c%s", field->number ? '#' : '=', field->name, 0, value);

	if (len < 0 || strlen(field->name) + 2 + sizeof(CUT) > room)
		return; /* not even its name */
	if ((size_t)len >= room && !field->number) {
		mark_cut(pair, room);
		len = (int)(strlen(field->name) + 2 + strlen(pair + strlen(field->name) + 2));
	}
	if ((size_t)len < room)
		event->pairs_len += (unsigned)len + 1;
}

static void keep_event(const struct log_line *line)
{
	struct event *event = &events.ring[events.next++ % EVENTS_MOST];

	event->time_us = line->time_us;
	event->level = line->level;
	event->pairs_len = 0;
	if (strlcpy(event->text, line->text, sizeof(event->text)) >= sizeof(event->text))
		mark_cut(event->text, sizeof(event->text));
	for (const struct log_field *field = line->fields; field && field->name; field++)
		keep_field(event, field);
}

void events_open(void)
{
	log_tap = keep_event;
}

void events_close(void)
{
	log_tap = NULL;
}

static void put_event(FILE *out, const struct event *event)
{
	record_begin(out, "event");
	record_number(out, "time", event->time_us / 1000000);
	record_number(out, "usec", event->time_us % 1000000);
	record_text(out, "level", log_level_name(event->level));
	record_text(out, "text", event->text);
	for (const char *pair = event->pairs; pair < event->pairs + event->pairs_len;) {
		const char *value = pair + strlen(pair) + 1;

		if (*pair == '#' && record_is_number(value))
			record_numbers(out, pair + 1, value);
		else
			record_text(out, pair + 1, value);
		pair = value + strlen(value) + 1;
	}
	record_end(out);
}

void events_report(FILE *out)
{
	for (unsigned i = 0; i < EVENTS_MOST; i++) {
		const struct event *event = &events.ring[(events.next + i) % EVENTS_MOST];

		if (event->time_us)
			put_event(out, event);
	}
}

void events_put_all(FILE *out)
{
	for (unsigned i = 0; i < EVENTS_MOST; i++) {
		const struct event *event = &events.ring[(events.next + i) % EVENTS_MOST];

		if (!event->time_us)
			continue;
		record_begin(out, "logged");
		record_number(out, "time_us", event->time_us);
		record_number(out, "level", (uint64_t)event->level);
		record_text(out, "text", event->text);
		handover_put_bytes(out, "pairs", event->pairs, event->pairs_len);
		record_end(out);
	}
}

static void get_one(const struct record *record)
{
	struct event *event = &events.ring[events.next++ % EVENTS_MOST];
	const char *text = record_get(record, "text");
	size_t len = handover_get_bytes(record, "pairs", event->pairs, sizeof(event->pairs));

	event->time_us = record_get_number(record, "time_us");
	event->level = (int)record_get_number(record, "level");
	event->pairs_len = len && !event->pairs[len - 1] ? (unsigned)len : 0;
	strlcpy(event->text, text ? text : "", sizeof(event->text));
}

void events_get_all(void)
{
	handover_each("logged", get_one);
}
