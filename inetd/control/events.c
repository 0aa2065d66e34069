/* events: see events.h. */
#include "control/events.h"

#include <string.h>

#include "base/log_line.h"
#include "base/record.h"

#define TEXT_BYTES  128
#define PAIRS_BYTES 192

struct event {
	uint64_t time_us; /* 0 = none */
	int level;
	char text[TEXT_BYTES];
	char pairs[PAIRS_BYTES]; /* sign, name, NUL, value, NUL...; what does not fit is left out */
	unsigned pairs_len;
};

static struct {
	struct event ring[EVENTS_MOST]; /* takes memory as it fills */
	unsigned next;
} events;

static void keep_field(struct event *event, const struct log_field *field)
{
	const char *value = field->text ? field->text : "";
	size_t room = PAIRS_BYTES - event->pairs_len;
	int len = snprintf(event->pairs + event->pairs_len, room, "%c%s%c%s",
		field->number ? '#' : '=', field->name, 0, value);

	if (len >= 0 && (size_t)len < room)
		event->pairs_len += (unsigned)len + 1;
}

static void keep(const struct log_line *line)
{
	struct event *event = &events.ring[events.next++ % EVENTS_MOST];

	event->time_us = line->time_us;
	event->level = line->level;
	event->pairs_len = 0;
	strlcpy(event->text, line->text, sizeof(event->text));
	for (const struct log_field *field = line->fields; field && field->name; field++)
		keep_field(event, field);
}

void events_open(void)
{
	log_tap = keep;
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
