/* service_match: see service_match.h. */
#include "control/service_match.h"

#include "base/log.h"
#include "config/keys/key.h"
#include "config/show/show.h"
#include "control/configure.h"

#define NEAR_MOST 5  /* similar names that are shown */
#define NAME_MOST 31 /* of those that key_near() compares */

void service_match_print(FILE *out, const char *text)
{
	char copy[256];

	strlcpy(copy, text, sizeof(copy));
	fprintf(out, "%s", log_mask(copy));
}

/* The service whose name is nearest to a word, or NULL. */
static const char *nearest(const char *word)
{
	const char **names, *found;
	struct service_state *state;
	size_t count = 0;

	TAILQ_FOREACH (state, &service_states, in_states)
		count++;
	names = calloc(count + 1, sizeof(*names));
	if (!names)
		return NULL;
	count = 0;
	TAILQ_FOREACH (state, &service_states, in_states)
		if (strlen(state->service->name) <= NAME_MOST)
			names[count++] = state->service->name;
	found = key_near(word, 0, names);
	free(names);
	return found;
}

/* "no service 'x'", and what may have been meant: the nearest name, and those that hold the word.
 */
static int unknown_service(FILE *out, const char *name)
{
	const char *near = nearest(name);
	struct service_state *state;
	unsigned count = 0;

	fprintf(out, "no service is called '");
	service_match_print(out, name);
	fprintf(out, "'");
	if (near) {
		fprintf(out, ": did you mean %s", near);
		count++;
	}
	TAILQ_FOREACH (state, &service_states, in_states) {
		const char *other = state->service->label;

		if (!*name || !strcasestr(other, name) || (near && !strcmp(other, near)))
			continue;
		if (count++ == NEAR_MOST)
			break;
		fprintf(out, "%s", count == 1 ? ": did you mean " : ", ");
		service_match_print(out, other);
	}
	fprintf(out, "%s\n", count ? "?" : "; inetctl list shows all");
	return CONFIGURE_FAILED;
}

bool service_match_exists(const char *name)
{
	const struct service_state *state;

	TAILQ_FOREACH (state, &service_states, in_states)
		if (show_is_called(state->service, name))
			return true;
	return false;
}

int service_match_each(
	FILE *out, const char *name, void (*each)(FILE *out, struct service_state *state))
{
	struct service_state *state;
	unsigned count = 0;

	TAILQ_FOREACH (state, &service_states, in_states) {
		if (name && !show_is_called(state->service, name))
			continue;
		count++;
		each(out, state);
	}
	return count || !name ? 0 : unknown_service(out, name);
}
