/* diag: see diag.h. */
#include "base/diag.h"

#include <stdarg.h>

#include "base/log.h"
#include "base/slice.h"

void diag_init(struct diag *diag, struct arena *arena)
{
	*diag = (struct diag){.arena = arena};
	diag->last = &diag->first;
}

void diag_add(struct diag *diag, enum severity severity, struct where where, const char *fmt, ...)
{
	struct diag_item *item = arena_alloc(diag->arena, sizeof(*item));
	char text[1024];
	va_list ap;

	diag->errors += severity == DIAG_ERROR;
	diag->warnings += severity == DIAG_WARNING;
	diag->notes += severity == DIAG_NOTE;
	if (!item)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	item->where = where;
	item->severity = severity;
	item->text = arena_strdup(diag->arena, log_mask(text));
	if (!item->text)
		return;
	*diag->last = item;
	diag->last = &item->next;
}

const char *diag_severity_name(enum severity severity)
{
	static const char *const names[] = {
		[DIAG_NOTE] = "note", [DIAG_WARNING] = "warning", [DIAG_ERROR] = "error"};

	return names[severity];
}

char *diag_format(const struct diag_item *item, char *buf, size_t size)
{
	const char *file = item->where.file ? item->where.file : "command line";

	if (item->where.line)
		snprintf(buf, size, "%s:%u: %s: %s", file, item->where.line,
			diag_severity_name(item->severity), item->text);
	else
		snprintf(buf, size, "%s: %s: %s", file, diag_severity_name(item->severity),
			item->text);
	return buf;
}

void diag_print(const struct diag *diag, FILE *out)
{
	char buf[2048];

	for (const struct diag_item *item = diag->first; item; item = item->next) {
		slice_breathe();
		fprintf(out, "%s\n", diag_format(item, buf, sizeof(buf)));
	}
}
