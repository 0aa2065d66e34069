/* keys: the key table as text. Columns are two blanks apart and hold single ones only, so that a
 * script may split the lines. */
#include <stdio.h>
#include <sys/param.h>

#include "config/keys/key_text.h"
#include "inetctl/answer.h"

enum { NAME, TYPE, RANGE, WHERE, DEFAULT, HELP, COLUMNS };

/* With --json. */
static const char *const field_names[COLUMNS] = {
	"name", "type", "range", "where", "default", "meaning"};

struct row {
	const char *text[COLUMNS];
	char range[KEY_TEXT_BYTES], where[KEY_TEXT_BYTES];
};

static void fill_row(struct row *row, const struct key *key)
{
	row->text[NAME] = key->name;
	row->text[TYPE] = key->type->name;
	row->text[RANGE] = key_range_text(key, row->range, sizeof(row->range));
	row->text[WHERE] = key_where_text(key, row->where, sizeof(row->where));
	row->text[DEFAULT] = key->unset;
	row->text[HELP] = key->help;
}

static void measure(const struct row *row, int width[COLUMNS])
{
	for (int i = 0; i < HELP; i++)
		width[i] = MAX(width[i], (int)strlen(row->text[i]));
}

static void print(const struct row *row, const int width[COLUMNS])
{
	for (int i = 0; i < HELP; i++)
		printf("%-*s  ", width[i], row->text[i]);
	printf("%s\n", row->text[HELP]);
}

static int print_table(void)
{
	static const struct row header = {
		.text = {"KEY", "TYPE", "RANGE", "WHERE", "DEFAULT", "MEANING"}};
	int width[COLUMNS] = {0};
	struct row row;

	measure(&header, width);
	for (size_t i = 0; i < KEY_COUNT; i++) {
		fill_row(&row, &key_table[i]);
		measure(&row, width);
	}
	print(&header, width);
	for (size_t i = 0; i < KEY_COUNT; i++) {
		fill_row(&row, &key_table[i]);
		print(&row, width);
	}
	return 0;
}

static void print_key(const struct key *key)
{
	struct row row;

	fill_row(&row, key);
	printf("%s: %s\n\n", key->name, key->help);
	printf("  type     %s: %s\n", row.text[TYPE], key->type->help);
	if (strcmp(row.text[RANGE], "-") != 0)
		printf("  range    %s\n", row.text[RANGE]);
	printf("  default  %s\n", key->unset);
	printf("  where    %s\n", row.text[WHERE]);
}

static void put_json(struct answer_json *json, const struct key *key)
{
	struct record record = {.type = "key"};
	struct row row;

	fill_row(&row, key);
	for (int i = 0; i < COLUMNS; i++)
		record.fields[record.count++] =
			(struct record_field){field_names[i], row.text[i], false};
	answer_json_put(json, &record);
}

/* All of them, or one. */
static int print_json(const struct key *only)
{
	struct answer_json json = {.out = stdout};

	for (size_t i = 0; i < KEY_COUNT; i++)
		if (!only || only == &key_table[i])
			put_json(&json, &key_table[i]);
	answer_json_end(&json);
	return 0;
}

int ctl_keys(const struct ctl *ctl)
{
	const struct key *key;
	const char *near;

	if (!ctl->arg)
		return ctl->json ? print_json(NULL) : print_table();
	key = key_find(ctl->arg);
	if (key && ctl->json)
		return print_json(key);
	if (key) {
		print_key(key);
		return 0;
	}
	near = key_near(ctl->arg, ~0U, NULL);
	if (near)
		fprintf(stderr, "inetctl: no key is called '%s': did you mean %s?\n", ctl->arg,
			near);
	else
		fprintf(stderr, "inetctl: no key is called '%s'; inetctl keys shows all\n",
			ctl->arg);
	return CTL_FAILED;
}
