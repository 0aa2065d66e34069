/* list: the services as a table, one line for each place where one listens. */
#include <stdlib.h>
#include <string.h>

#include "inetctl/answer.h"
#include "inetctl/table.h"

/* What the rows of a service have in common: kept until its endpoints come. */
struct list {
	struct table table;
	char *name, *program, *where; /* owned */
	char numbers[4][24];          /* running, started, refused, failed */
	bool kept;
};

static void keep_text(char **slot, const char *text)
{
	free(*slot);
	*slot = strdup(text ? text : "");
}

static void keep_service(struct list *list, const struct record *record)
{
	static const char *const numbers[] = {"running", "started", "refused", "failed"};

	keep_text(&list->name, record_get(record, "name"));
	keep_text(&list->program, record_get(record, "program"));
	keep_text(&list->where, record_get(record, "where"));
	for (size_t i = 0; i < 4; i++) {
		const char *text = record_get(record, numbers[i]);

		strlcpy(list->numbers[i], text ? text : "", sizeof(list->numbers[i]));
	}
	list->kept = record_get_number(record, "kept");
}

static void add_endpoint(struct list *list, const struct record *record)
{
	const char *state = record_get(record, "state");
	char text[64];

	/* What an error in its file has kept is marked. */
	snprintf(text, sizeof(text), "%s%s", state ? state : "?", list->kept ? ",kept" : "");
	table_add(&list->table, list->name);
	table_add(&list->table, record_get(record, "address"));
	table_add(&list->table, text);
	for (size_t i = 0; i < 4; i++)
		table_add(&list->table, list->numbers[i]);
	table_add(&list->table, list->program);
	table_add(&list->table, list->where);
}

static void list_record(const struct record *record, void *arg)
{
	if (!strcmp(record->type, "service"))
		keep_service(arg, record);
	else if (!strcmp(record->type, "endpoint"))
		add_endpoint(arg, record);
}

int ctl_list(const struct ctl *ctl)
{
	static const char *const names[] = {"NAME", "ENDPOINT", "STATE", ">RUNNING", ">STARTED",
		">REFUSED", ">FAILED", "PROGRAM", "WHERE"};
	struct list list = {0};
	int status;

	if (ctl->json)
		return answer_json(ctl);
	table_begin(&list.table, names, sizeof(names) / sizeof(names[0]));
	status = answer_each(ctl, list_record, &list);
	if (!status)
		table_end(&list.table, stdout);
	free(list.name);
	free(list.program);
	free(list.where);
	return status;
}
