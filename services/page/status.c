/* status: see status.h. */
#include "page/status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/record.h"

/* Room for one more in a list that has `count`: it grows when that is a power of two. NULL: none.
 */
static void *list_room(void *list, size_t count, size_t size)
{
	if (count & (count - 1))
		return list;
	return reallocarray(list, count ? count * 2 : 1, size);
}

static enum concern concern_of(const char *state)
{
	static const struct {
		const char *state;
		enum concern concern;
	} rows[] = {{"ready", CONCERN_NONE}, {"lent", CONCERN_NONE}, {"disabled", CONCERN_OFF},
		{"stopped", CONCERN_OFF}, {"draining", CONCERN_OFF}, {"drain", CONCERN_OFF},
		{"full", CONCERN_WAITING}, {"rate", CONCERN_WAITING}, {"load", CONCERN_WAITING},
		{"children", CONCERN_WAITING}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!strcmp(state, rows[i].state))
			return rows[i].concern;
	return CONCERN_BROKEN;
}

static const char *text_of(const struct record *record, const char *name)
{
	const char *text = record_get(record, name);

	return text ? text : "";
}

static void add_daemon(struct status *status, const struct record *record)
{
	const struct {
		const char *name;
		uint64_t *value;
	} rows[] = {{"pid", &status->daemon.pid}, {"uptime", &status->daemon.uptime},
		{"generation", &status->daemon.generation}, {"reloads", &status->daemon.reloads},
		{"reload_errors", &status->daemon.reload_errors},
		{"services", &status->daemon.services}, {"programs", &status->daemon.programs},
		{"sessions", &status->daemon.sessions}, {"started", &status->daemon.started},
		{"refused", &status->daemon.refused}, {"failed", &status->daemon.failed},
		{"descriptors", &status->daemon.descriptors},
		{"memory_kib", &status->daemon.memory_kib}, {"log_lost", &status->daemon.log_lost},
		{"worker_restarts", &status->daemon.worker_restarts},
		{"config_errors", &status->daemon.config_errors}};

	status->daemon.version = text_of(record, "version");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		*rows[i].value = record_get_number(record, rows[i].name);
}

static void add_machine(struct status *status, const struct record *record)
{
	status->listen_overflows = record_get_number(record, "listen_overflows");
	status->listen_drops = record_get_number(record, "listen_drops");
	status->somaxconn = record_get_number(record, "somaxconn");
	status->advice = record_get(record, "advice");
}

/* "0,0,12": as many numbers as there are, the newest last. */
static void take_history(struct status_service *service, const char *text)
{
	for (size_t i = 0; i < STATUS_SECONDS && *text; i++) {
		char *end;
		unsigned long count = strtoul(text, &end, 10);

		service->history[i] = (uint16_t)(count < UINT16_MAX ? count : UINT16_MAX);
		if (end == text)
			return;
		text = end + (*end == ',');
	}
}

static void take_reasons(struct status_service *service, const struct record *record)
{
	static const char prefix[] = "refused_";
	size_t len = strlen(prefix);

	for (size_t i = 0; i < record->count; i++) {
		const struct record_field *field = &record->fields[i];

		if (strncmp(field->name, prefix, len) != 0 ||
			service->reason_count == STATUS_REASONS)
			continue;
		service->reasons[service->reason_count++] =
			(struct status_reason){field->name + len, strtoull(field->text, NULL, 10)};
	}
}

static int add_service(struct status *status, const struct record *record)
{
	struct status_service *service =
		list_room(status->services, status->service_count, sizeof(*status->services));

	if (!service)
		return -1;
	status->services = service;
	service += status->service_count++;
	*service = (struct status_service){
		.label = text_of(record, "label"),
		.program = text_of(record, "program"),
		.where = text_of(record, "where"),
		.protocol = text_of(record, "protocol"),
		.type = text_of(record, "type"),
		.user = text_of(record, "user"),
		.state = text_of(record, "state"),
		.reason = record_get(record, "reason"),
		.on_demand = record_get(record, "daemon"),
		.restarts = record_get_number(record, "daemon_restarts"),
		.concern = concern_of(text_of(record, "state")),
		.kept = record_get_number(record, "kept") != 0,
		.since = record_get_number(record, "since"),
		.running = record_get_number(record, "running"),
		.peak = record_get_number(record, "peak"),
		.limit = record_get_number(record, "limit"),
		.started = record_get_number(record, "started"),
		.failed = record_get_number(record, "failed"),
		.lost = record_get_number(record, "lost"),
		.refused = record_get_number(record, "refused"),
		.first_endpoint = status->endpoint_count,
	};
	if (service->kept && service->concern < CONCERN_WAITING)
		service->concern = CONCERN_WAITING;
	take_history(service, text_of(record, "history"));
	take_reasons(service, record);
	return 0;
}

/* An endpoint is of the service that stands before it. */
static int add_endpoint(struct status *status, const struct record *record)
{
	struct status_endpoint *endpoint =
		list_room(status->endpoints, status->endpoint_count, sizeof(*status->endpoints));

	if (!endpoint)
		return -1;
	status->endpoints = endpoint;
	endpoint[status->endpoint_count++] = (struct status_endpoint){
		.address = text_of(record, "address"),
		.state = text_of(record, "state"),
		.has_queue = record_get(record, "queue") != NULL,
		.queue = record_get_number(record, "queue"),
		.queue_limit = record_get_number(record, "queue_limit"),
	};
	if (status->service_count)
		status->services[status->service_count - 1].endpoint_count++;
	return 0;
}

static int add_event(struct status *status, const struct record *record)
{
	struct status_event *event =
		list_room(status->events, status->event_count, sizeof(*status->events));

	if (!event)
		return -1;
	status->events = event;
	event += status->event_count++;
	*event = (struct status_event){
		.time = (int64_t)record_get_number(record, "time"),
		.level = text_of(record, "level"),
		.text = text_of(record, "text"),
	};
	/* The first four are the event itself; the others say what it is about. */
	for (size_t i = 4; i < record->count && event->field_count < STATUS_FIELDS; i++) {
		event->fields[event->field_count].name = record->fields[i].name;
		event->fields[event->field_count++].value = record->fields[i].text;
	}
	return 0;
}

static int add_record(struct status *status, const struct record *record)
{
	if (!strcmp(record->type, "service"))
		return add_service(status, record);
	if (!strcmp(record->type, "endpoint"))
		return add_endpoint(status, record);
	if (!strcmp(record->type, "event"))
		return add_event(status, record);
	if (!strcmp(record->type, "daemon"))
		add_daemon(status, record);
	else if (!strcmp(record->type, "machine"))
		add_machine(status, record);
	else if (!strcmp(record->type, "configuration"))
		status->first_error = record_get(record, "first_error");
	return 0;
}

int status_add(struct status *status, char *answer)
{
	static struct record record;
	char *line;

	if (!status->daemon.version)
		status->daemon.version = ""; /* until there is a record of the daemon */
	while ((line = strsep(&answer, "\n"))) {
		if (!*line)
			continue;
		if (!record_parse(line, &record)) {
			errno = EPROTO;
			return -1;
		}
		if (add_record(status, &record) < 0)
			return -1;
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct status_service *left = a, *right = b;

	if (left->concern != right->concern)
		return left->concern > right->concern ? -1 : 1;
	return strverscmp(left->label, right->label);
}

void status_sort(struct status *status)
{
	if (status->service_count)
		qsort(status->services, status->service_count, sizeof(*status->services), compare);
	for (size_t i = 0; i < status->service_count; i++)
		status->concerns[status->services[i].concern]++;
}

void status_free(struct status *status)
{
	free(status->services);
	free(status->endpoints);
	free(status->events);
}
