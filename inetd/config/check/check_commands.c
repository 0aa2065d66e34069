/* check_commands: the built-ins that are commands: an entry of a program is made for them, as an
 * ordinary user. auth is identd of inetd-services(7). */
#include "config/check/check.h"
#include "config/keys/key.h"

static const struct command {
	enum builtin builtin;
	const char *names[2]; /* a service of such a name need not say which built-in it is */
	bool ours;            /* the program is among those that are installed with inetd */
	const char *program, *argv0;
	char *args[8];
	const char *tells; /* to everybody; NULL: nothing that the arguments do not ask for */
} commands[] = {
	{BUILTIN_AUTH, {"auth", "ident"}, true, "identd", "identd", {(char *)"--hide"}, NULL},
	{BUILTIN_SYSTAT, {"systat", "users"}, false, "/usr/bin/timeout", "timeout",
		{(char *)"10", (char *)"ps", (char *)"-e", (char *)"-o", (char *)"pid,user,comm"},
		"which processes run here"},
	{BUILTIN_NETSTAT, {"netstat", NULL}, false, "/usr/bin/timeout", "timeout",
		{(char *)"10", (char *)"ss", (char *)"-tan"}, "who is connected to this machine"},
};

static bool is_named(const struct command *command, const char *name)
{
	for (size_t i = 0; name && i < sizeof(command->names) / sizeof(command->names[0]); i++)
		if (command->names[i] && !strcmp(command->names[i], name))
			return true;
	return false;
}

/* Its section may have an internal or a server. */
static const struct command *find(const struct draft *draft)
{
	bool is_said = draft->set[KEY_INTERNAL] || draft->set[KEY_SERVER];

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (is_said ? draft->service.builtin == commands[i].builtin
			    : is_named(&commands[i], draft->name))
			return &commands[i];
	return NULL;
}

static void set_program(struct check *check, const struct command *command)
{
	struct draft *draft = check->draft;
	struct load *load = check->load;
	const char *directory = load->options->services;

	draft->internal = false;
	draft->service.builtin = BUILTIN_NONE;
	draft->server = command->program;
	if (command->ours)
		draft->server = load_memory(
			load, arena_printf(&load->config->arena, "%s/%s",
				      directory ? directory : INETD_LIBEXECDIR "/services",
				      command->program));
	draft->set[KEY_INTERNAL] = false;
	draft->set[KEY_SERVER] = true;
	draft_set_where(draft, KEY_SERVER, draft->where);
	draft->argv0 = command->argv0;
	draft->set[KEY_ARGV0] = true;
	if (draft->set[KEY_SERVER_ARGS])
		return;
	draft->server_args = (char **)(uintptr_t)command->args;
	draft->set[KEY_SERVER_ARGS] = true;
}

static void set_user(struct draft *draft)
{
	if (draft->set[KEY_USER] && strcmp(draft->user, "root") != 0 &&
		strcmp(draft->user, "0") != 0)
		return;
	draft->user = "nobody";
	draft->set[KEY_USER] = true;
	draft_set_where(draft, KEY_USER, draft->where);
	draft->set[KEY_GROUP] = false;
}

void check_commands(struct check *check)
{
	struct draft *draft = check->draft;
	const struct command *command = draft->internal ? find(draft) : NULL;

	if (!command)
		return;
	set_program(check, command);
	set_user(draft);
	if (command->tells && check->load->options->advise && !draft->set[KEY_ONLY_FROM])
		CHECK_WARNING(check, KEY_SERVER,
			"internal %s: tells everybody %s: only_from says who may ask",
			command->names[0], command->tells);
}
