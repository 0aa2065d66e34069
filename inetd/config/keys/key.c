/* key: see key.h. */
#include "config/keys/key.h"

#include "config/keys/protocol.h"
#include "config/keys/setting.h"
#include "config/text/number.h"

enum key_id key_id_of(const struct key *key)
{
	return (enum key_id)(key - key_table);
}

const struct key *key_find(const char *name)
{
	if (!strcmp(name, "recvbuf"))
		return &key_table[KEY_RCVBUF];
	for (size_t i = 0; i < KEY_COUNT; i++)
		if (!strcmp(key_table[i].name, name))
			return &key_table[i];
	return NULL;
}

/* "stream, dgram, ..." for messages. */
static const char *list_words(const struct key *key, char *buf, size_t size)
{
	buf[0] = 0;
	for (const struct key_word *word = key->words; word && word->word; word++) {
		strlcat(buf, word == key->words ? "" : ", ", size);
		strlcat(buf, word->word, size);
	}
	for (const struct protocol *row = protocol_table; key->type == KEY_PROTO && row->name;
		row++) {
		strlcat(buf, row == protocol_table ? "" : ", ", size);
		strlcat(buf, row->name, size);
	}
	return buf;
}

/* "socket_type" as people say it. */
static const char *key_title(const struct key *key, char *buf, size_t size)
{
	if (key->words && key->type == KEY_WORD && !strcmp(key->name, "internal")) {
		strlcpy(buf, "built-in service", size);
		return buf;
	}
	strlcpy(buf, key->name, size);
	for (char *at = buf; *at; at++)
		if (*at == '_')
			*at = ' ';
	return buf;
}

static int set_word(const struct setting *set)
{
	char title[40], words[160];
	const struct protocol *row = NULL;

	if (set->key->type == KEY_PROTO) {
		row = protocol_find(set->value);
		if (row) {
			*(const struct protocol **)set->out = row;
			return 0;
		}
	}
	for (const struct key_word *word = set->key->words; word && word->word; word++)
		if (!strcmp(word->word, set->value)) {
			*(int *)set->out = word->value;
			return 0;
		}
	diag_add(set->diag, DIAG_ERROR, set->where, "unknown %s '%s': one of %s",
		key_title(set->key, title, sizeof(title)), set->value,
		list_words(set->key, words, sizeof(words)));
	return -1;
}

static int set_yesno(const struct setting *set)
{
	static const char *const words[] = {"no", "yes", "off", "on", "false", "true", "0", "1"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcasecmp(words[i], set->value)) {
			*(bool *)set->out = i % 2;
			return 0;
		}
	diag_add(set->diag, DIAG_ERROR, set->where, "%s: '%s' is neither yes nor no",
		set->key->name, set->value);
	return -1;
}

/* A limit of a key as people say it. */
static const char *limit_text(const struct key *key, int64_t limit, char *buf, size_t size)
{
	if (key->type == KEY_TIME && limit % 1000 == 0)
		snprintf(buf, size, "%jds", (intmax_t)limit / 1000);
	else
		snprintf(buf, size, "%jd%s", (intmax_t)limit, key->type == KEY_TIME ? "ms" : "");
	return buf;
}

/* Reports what is wrong with a number. Returns -1, or 0 if nothing is. */
static int check_range(const struct setting *set, enum number number, int64_t value)
{
	const struct key *key = set->key;
	char limit[40];

	if (number == NUMBER_OK && value < key->min)
		number = NUMBER_LOW;
	if (number == NUMBER_HIGH || (number == NUMBER_OK && value > key->max)) {
		diag_add(set->diag, DIAG_ERROR, set->where, "%s: %s is above %s", key->name,
			set->value, limit_text(key, key->max, limit, sizeof(limit)));
		return -1;
	}
	if (number == NUMBER_LOW) {
		diag_add(set->diag, DIAG_ERROR, set->where, "%s: %s is below %s", key->name,
			set->value, limit_text(key, key->min, limit, sizeof(limit)));
		return -1;
	}
	return 0;
}

static int set_number(const struct setting *set)
{
	int64_t value = 0;
	enum number number;

	if (set->key->type == KEY_LIMIT && !strcasecmp(set->value, "unlimited")) {
		*(uint32_t *)set->out = LIMIT_NONE;
		return 0;
	}
	if (set->key->type == KEY_LIMIT && !strcasecmp(set->value, "none")) {
		*(uint32_t *)set->out = 0;
		return 0;
	}
	number = number_parse(set->value, set->key->min, set->key->max, &value);
	if (number == NUMBER_NOT) {
		diag_add(set->diag, DIAG_ERROR, set->where, "%s: '%s' is not a number",
			set->key->name, set->value);
		return -1;
	}
	if (check_range(set, number, value) < 0)
		return -1;
	*(uint32_t *)set->out = (uint32_t)value;
	return 0;
}

struct unit {
	const char *name;
	int64_t factor;
};

/* The factor of a unit, 0 for none of them. */
static int64_t unit_find(const struct unit *units, const char *name)
{
	for (; units->name; units++)
		if (!strcasecmp(units->name, name))
			return units->factor;
	return 0;
}

static int set_rate(const struct setting *set)
{
	static const struct unit units[] = {
		{"/s", 1000}, {"/min", 60000}, {"/hour", 3600000}, {NULL, 0}};
	struct rate *rate = set->out;
	const char *rest = "";
	int64_t value = 0, period;
	enum number number;

	if (!strcasecmp(set->value, "unlimited") || !strcasecmp(set->value, "none")) {
		uint32_t count = strcasecmp(set->value, "none") ? LIMIT_NONE : 0;

		*rate = (struct rate){.count = count, .period_ms = 60000, .burst = count};
		return 0;
	}
	number = number_scan(set->value, 10, &value, &rest);
	period = unit_find(units, rest);
	if (number == NUMBER_NOT || !period) {
		diag_add(set->diag, DIAG_ERROR, set->where,
			"%s: '%s' is not a rate: N/s, N/min or N/hour", set->key->name, set->value);
		return -1;
	}
	if (check_range(set, number, value) < 0)
		return -1;
	*rate = (struct rate){(uint32_t)value, (uint32_t)period, (uint32_t)value};
	return 0;
}

static int set_scaled(const struct setting *set, const struct unit *units, const char *what)
{
	const char *rest = "";
	int64_t value = 0, factor;
	enum number number = number_scan(set->value, 10, &value, &rest);

	factor = unit_find(units, rest);
	if (number == NUMBER_NOT || !factor) {
		diag_add(set->diag, DIAG_ERROR, set->where, "%s: '%s' is not %s", set->key->name,
			set->value, what);
		return -1;
	}
	if (__builtin_mul_overflow(value, factor, &value))
		number = NUMBER_HIGH;
	if (check_range(set, number, value) < 0)
		return -1;
	*(uint32_t *)set->out = (uint32_t)value;
	return 0;
}

static int set_bytes(const struct setting *set)
{
	static const struct unit units[] = {{"", 1}, {"k", 1024}, {"m", 1024 * 1024}, {NULL, 0}};

	return set_scaled(set, units, "a number of bytes, which may have k or m behind");
}

static int set_time(const struct setting *set)
{
	static const struct unit units[] = {
		{"", 1000}, {"ms", 1}, {"s", 1000}, {"min", 60000}, {"h", 3600000}, {NULL, 0}};

	return set_scaled(
		set, units, "a time: a number of seconds, or with ms, s, min or h behind");
}

static int set_mode(const struct setting *set)
{
	const char *rest = "";
	int64_t value = 0;

	if (number_scan(set->value, 8, &value, &rest) != NUMBER_OK || *rest ||
		value > set->key->max) {
		diag_add(set->diag, DIAG_ERROR, set->where,
			"%s: '%s' is not an octal mode of 0 to %jo", set->key->name, set->value,
			(uintmax_t)set->key->max);
		return -1;
	}
	*(uint32_t *)set->out = (uint32_t)value;
	return 0;
}

/* A decimal number with at most two digits behind its point, in hundredths. */
static int set_load(const struct setting *set)
{
	const char *rest = "";
	int64_t value = 0;
	enum number number = number_scan(set->value, 10, &value, &rest);
	size_t digits = *rest == '.' ? strspn(rest + 1, "0123456789") : 0;

	if (number == NUMBER_NOT || digits > 2 || rest[digits + (digits > 0)]) {
		diag_add(set->diag, DIAG_ERROR, set->where, "%s: '%s' is not a load, as in 2.5",
			set->key->name, set->value);
		return -1;
	}
	if (number == NUMBER_HIGH || __builtin_mul_overflow(value, 100, &value))
		value = INT64_MAX / 2;
	if (digits > 0)
		value += (rest[1] - '0') * 10;
	if (digits > 1)
		value += rest[2] - '0';
	if (value < set->key->min || value > set->key->max) {
		diag_add(set->diag, DIAG_ERROR, set->where, "%s: %s is not within 0.01 to %jd",
			set->key->name, set->value, (intmax_t)set->key->max / 100);
		return -1;
	}
	*(uint32_t *)set->out = (uint32_t)value;
	return 0;
}

/* So that an entry can undo what [defaults] says. */
static bool is_unset(const struct setting *set)
{
	return (set->key->flags & KEY_MAY_BE_UNSET) && !strcasecmp(set->value, set->key->unset);
}

static int set_value(const struct setting *set)
{
	if (is_unset(set)) {
		*(uint32_t *)set->out = 0;
		return 0;
	}
	switch (set->key->type) {
	case KEY_TEXT:
		if (!*set->value && !(set->key->flags & KEY_MAY_BE_EMPTY)) {
			diag_add(set->diag, DIAG_ERROR, set->where, "%s: is empty", set->key->name);
			return -1;
		}
		*(const char **)set->out = set->value;
		return 0;
	case KEY_WORD:
	case KEY_PROTO:
		return set_word(set);
	case KEY_YESNO:
		return set_yesno(set);
	case KEY_NUMBER:
	case KEY_LIMIT:
		return set_number(set);
	case KEY_PER_TIME:
		return set_rate(set);
	case KEY_BYTES:
		return set_bytes(set);
	case KEY_TIME:
		return set_time(set);
	case KEY_MODE:
		return set_mode(set);
	case KEY_LOAD:
		return set_load(set);
	default:
		return setting_text(set);
	}
}

/* A second value. The same in another file changes nothing, so that what show prints of [inetd] can
 * be pasted into a file of its own. */
static int set_again(const struct setting *set, const struct draft *draft)
{
	enum key_id id = key_id_of(set->key);
	struct where first = draft->set_at[id];
	struct draft second = *draft;
	struct setting again = *set;

	again.out = (char *)&second + set->key->offset;
	if (first.file == set->where.file) {
		diag_add(set->diag, DIAG_ERROR, set->where, "%s: said twice, first on line %u",
			set->key->name, first.line);
		return -1;
	}
	if (set_value(&again) < 0)
		return -1;
	if (key_value_equal(set->key, draft, &second))
		return 0;
	diag_add(set->diag, DIAG_ERROR, set->where, "%s: said otherwise before, at %s:%u",
		set->key->name, first.file, first.line);
	return -1;
}

int key_set(struct draft *draft, const struct key *key, const char *value, struct where where,
	struct diag *diag)
{
	enum key_id id = key_id_of(key);
	struct setting set = {key, value, where, diag, (char *)draft + key->offset};

	if (draft->set[id]) {
		if (set_again(&set, draft) == 0)
			return 0;
		draft->failed = true;
		return -1;
	}
	if (set_value(&set) < 0) {
		draft->failed = true;
		return -1;
	}
	draft->set[id] = true;
	draft->set_at[id] = where;
	return 0;
}
