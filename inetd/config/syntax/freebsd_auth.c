/* freebsd_auth: see freebsd_auth.h. */
#include "config/syntax/freebsd_auth.h"

#include "config/keys/key.h"

struct options {
	const char *fallback, *system, *seconds;
	bool real, number, noident;
	const char *otherwise; /* what one that is given does here; NULL: none is */
};

/* Notes one letter with its value. False if there is none of that kind. */
static bool note(struct options *options, char letter, const char *value)
{
	switch (letter) {
	case 'r':
		options->real = true;
		return true;
	case 'i':
		options->number = true;
		return true;
	case 'n':
		options->noident = true;
		return true;
	case 'f':
	case 'F':
		options->otherwise =
			"-f and -F: ~/.fakeid is not read, the user's own name is told";
		return true;
	case 'g':
		options->otherwise =
			"-g: names are told as they are, not made up: --hide tells none";
		return true;
	case 'd':
		options->fallback = value;
		return true;
	case 'o':
		options->system = value;
		return true;
	case 't':
		options->seconds = value;
		return true;
	default:
		return false;
	}
}

/* Takes the options of one word; one that has a value may have it in the next word. Returns how
 * many words that were, or 0 where it is no such word. */
static size_t take_word(struct options *options, const char *word, const char *next)
{
	if (*word != '-' || !word[1])
		return 0;
	for (const char *at = word + 1; *at; at++) {
		bool has_value = strchr("dot", *at);
		const char *value = has_value ? (at[1] ? at + 1 : next) : NULL;

		if ((has_value && !value) || !note(options, *at, value))
			return 0;
		if (has_value)
			return at[1] ? 1 : 2;
	}
	return 1;
}

static void set_args(
	struct input *input, struct draft *draft, const struct options *options, struct where where)
{
	char *args[10], seconds[16], **to = args;

	*to++ = (char *)(options->real ? "--all" : options->fallback ? "--as" : "--hide");
	if (!options->real && options->fallback)
		*to++ = (char *)options->fallback;
	if (options->number)
		*to++ = (char *)"--number";
	if (options->noident)
		*to++ = (char *)"--noident";
	if (options->system) {
		*to++ = (char *)"--system";
		*to++ = (char *)options->system;
	}
	if (options->seconds) { /* a part of a second is one */
		snprintf(seconds, sizeof(seconds), "%.*s", (int)strcspn(options->seconds, "."),
			options->seconds);
		*to++ = (char *)"--time";
		*to++ = strcmp(seconds, "0") != 0 && *seconds ? seconds : (char *)"1";
	}
	*to = NULL;
	key_set_words(draft, &key_table[KEY_SERVER_ARGS], args, where, input->load->diag);
}

void freebsd_auth_options(
	struct input *input, struct draft *draft, const struct words *words, size_t first)
{
	struct where where = input_where(input, words->word[0].line);
	struct options options = {0};

	for (size_t i = first, taken; i < words->count; i += taken) {
		const char *next = i + 1 < words->count ? words->word[i + 1].text : NULL;

		taken = take_word(&options, words->word[i].text, next);
		if (taken)
			continue;
		diag_add(input->load->diag, DIAG_ERROR, where,
			"internal auth: '%s' is no option of it, or lacks its value",
			words->word[i].text);
		draft->failed = true;
		return;
	}
	if (options.real && options.fallback)
		options.otherwise =
			"-d: without effect with -r: what is not known is answered as such";
	if (options.otherwise)
		diag_add(input->load->diag, DIAG_WARNING, where, "internal auth: %s",
			options.otherwise);
	set_args(input, draft, &options, where);
}
