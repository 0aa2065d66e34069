/* conversion: see conversion.h. */
#include "inetctl/import/conversion.h"

#include <err.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "config/keys/draft.h"
#include "config/keys/key.h"
#include "inetctl/ctl.h"

static void *must(void *piece)
{
	if (!piece)
		err(CTL_FAILED, "import");
	return piece;
}

void conversion_init(struct conversion *conversion)
{
	*conversion = (struct conversion){0};
	arena_init(&conversion->arena);
	STAILQ_INIT(&conversion->sections);
}

void conversion_free(struct conversion *conversion)
{
	arena_free(&conversion->arena);
}

__attribute__((format(printf, 2, 0))) static char *format(
	struct conversion *conversion, const char *fmt, va_list args)
{
	char *text = NULL, *kept;

	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	kept = must(arena_strdup(&conversion->arena, must(text)));
	free(text);
	return kept;
}

char *conversion_text(struct conversion *conversion, const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	text = format(conversion, fmt, args);
	va_end(args);
	return text;
}

struct section *conversion_section(
	struct conversion *conversion, const char *name, struct origin origin)
{
	struct section *section = must(arena_alloc(&conversion->arena, sizeof(*section)));

	section->conversion = conversion;
	section->name = name;
	section->origin = origin;
	STAILQ_INIT(&section->remarks);
	STAILQ_INSERT_TAIL(&conversion->sections, section, in_conversion);
	return section;
}

static void put(struct section *section, enum fate fate, struct origin origin, const char *key,
	const char *text)
{
	struct conversion *conversion = section->conversion;
	struct remark *remark = must(arena_alloc(&conversion->arena, sizeof(*remark)));

	remark->fate = fate;
	remark->origin = origin;
	remark->key = key;
	remark->text = text;
	STAILQ_INSERT_TAIL(&section->remarks, remark, in_section);
	conversion->counts[fate]++;
}

/* What the daemon would say against the value, or NULL. */
static const char *objection(struct arena *arena, const struct key *key, const char *value)
{
	struct draft *draft = must(arena_alloc(arena, sizeof(*draft)));
	struct diag diag;

	diag_init(&diag, arena);
	draft->arena = draft->keep = arena;
	if (!key_set(draft, key, value, (struct where){0}, &diag))
		return NULL;
	return diag.first ? diag.first->text : "not taken";
}

bool conversion_takes(struct conversion *conversion, const char *key, const char *value)
{
	const struct key *row = key_find(key);

	return row && !objection(&conversion->arena, row, value);
}

/* True if the daemon would take the value here; else the attribute is lost. */
static bool is_taken(
	struct section *section, struct origin origin, const char *name, const char *value)
{
	const struct key *key = key_find(name);
	unsigned place = strcmp(section->name, "defaults") ? KEY_IN_SERVICE : KEY_IN_DEFAULTS;
	const char *why = NULL;

	if (!key)
		conversion_lost(section, origin,
			"it is not in force: this version has no key %s (a wrapper may do it)",
			name);
	else if (!(key->flags & place))
		conversion_lost(section, origin,
			"%s cannot stand in [defaults]: write it into each section", name);
	else if ((why = objection(&section->conversion->arena, key, value)))
		conversion_lost(section, origin, "%s", why);
	return key && key->flags & place && !why;
}

static void set(struct section *section, struct origin origin, const char *key, const char *value,
	const char *sign)
{
	struct conversion *conversion = section->conversion;

	if (!is_taken(section, origin, key, value))
		return;
	put(section, FATE_CONVERTED, origin, conversion_text(conversion, "%s %s", key, sign),
		conversion_text(conversion, "%s", value));
}

void conversion_key(
	struct section *section, struct origin origin, const char *key, const char *value)
{
	set(section, origin, key, value, "=");
}

void conversion_add(
	struct section *section, struct origin origin, const char *key, const char *value)
{
	set(section, origin, key, value, "+=");
}

void conversion_implied(struct section *section, struct origin origin, const char *why)
{
	put(section, FATE_IMPLIED, origin, NULL, why);
}

void conversion_lost(struct section *section, struct origin origin, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	put(section, FATE_LOST, origin, NULL, format(section->conversion, fmt, args));
	va_end(args);
}

void conversion_shut(struct section *section, struct origin origin, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	put(section, FATE_LOST, origin, NULL, format(section->conversion, fmt, args));
	va_end(args);
	section->is_shut = true;
}

void conversion_comment(struct section *section, const char *text)
{
	put(section, FATE_COMMENT, (struct origin){0}, NULL,
		conversion_text(section->conversion, "%s", text));
}

static void print_remark(const struct section *section, const struct remark *remark, FILE *out)
{
	const struct origin *origin = &remark->origin;

	switch (remark->fate) {
	case FATE_COMMENT:
		fprintf(out, "#%s%s\n", *remark->text ? " " : "", remark->text);
		break;
	case FATE_CONVERTED:
		fprintf(out, "%s%s %s\n", section->is_shut ? "# " : "", remark->key, remark->text);
		break;
	case FATE_IMPLIED:
		fprintf(out, "# implied: %s: %s\n", origin->text, remark->text);
		break;
	case FATE_LOST:
		fprintf(out, "# LOST: %s: %s\n", origin->text, remark->text);
		break;
	}
}

void conversion_print(const struct conversion *conversion, FILE *out)
{
	const struct section *section;
	const struct remark *remark;

	STAILQ_FOREACH (section, &conversion->sections, in_conversion) {
		fprintf(out, "%s# %s:%u\n%s[%s]\n",
			section == STAILQ_FIRST(&conversion->sections) ? "" : "\n",
			section->origin.file, section->origin.line, section->is_shut ? "# " : "",
			section->name);
		STAILQ_FOREACH (remark, &section->remarks, in_section)
			print_remark(section, remark, out);
	}
}

void conversion_report(const struct conversion *conversion, FILE *out)
{
	static const char *const names[] = {
		[FATE_CONVERTED] = "becomes", [FATE_IMPLIED] = "implied", [FATE_LOST] = "LOST"};
	const struct section *section;
	const struct remark *remark;

	STAILQ_FOREACH (section, &conversion->sections, in_conversion)
		STAILQ_FOREACH (remark, &section->remarks, in_section)
			if (remark->fate != FATE_COMMENT)
				fprintf(out, "%s:%u: [%s] %s: %s: %s%s%s\n", remark->origin.file,
					remark->origin.line, section->name, remark->origin.text,
					names[remark->fate], remark->key ? remark->key : "",
					remark->key ? " " : "", remark->text);
}
