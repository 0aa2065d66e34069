/* check_auth: the built-in auth is a program: identd (inetd-services(7)), as an ordinary user. */
#include "config/check/check.h"
#include "config/keys/key.h"

/* Its section may have one of these. */
static bool is_auth(const struct draft *draft)
{
	if (draft->set[KEY_INTERNAL] || draft->set[KEY_SERVER])
		return draft->service.builtin == BUILTIN_AUTH;
	return draft->name && (!strcmp(draft->name, "auth") || !strcmp(draft->name, "ident"));
}

static bool is_root(const struct draft *draft)
{
	return !draft->set[KEY_USER] || !strcmp(draft->user, "root") || !strcmp(draft->user, "0");
}

void check_auth(struct check *check)
{
	static char *hide[] = {(char *)"--hide", NULL};
	struct draft *draft = check->draft;
	struct load *load = check->load;
	const char *directory = load->options->services;

	if (!draft->internal || !is_auth(draft))
		return;
	draft->internal = false;
	draft->service.builtin = BUILTIN_NONE;
	draft->server =
		load_memory(load, arena_printf(&load->config->arena, "%s/identd",
					  directory ? directory : INETD_LIBEXECDIR "/services"));
	draft->set[KEY_INTERNAL] = false;
	draft->set[KEY_SERVER] = true;
	draft_set_where(draft, KEY_SERVER, draft->where);
	draft->argv0 = "identd";
	draft->set[KEY_ARGV0] = true;
	if (!draft->set[KEY_SERVER_ARGS]) {
		draft->server_args = hide;
		draft->set[KEY_SERVER_ARGS] = true;
	}
	if (!is_root(draft))
		return;
	draft->user = "nobody";
	draft->set[KEY_USER] = true;
	draft_set_where(draft, KEY_USER, draft->where);
	draft->set[KEY_GROUP] = false;
}
