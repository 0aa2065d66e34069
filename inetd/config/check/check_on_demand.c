/* check_on_demand: activation = proxy: a daemon with a port or path of its own behind
 * services/ondemand, which is given the sockets as a wait program is. */
#include "config/check/check.h"
#include "config/keys/key.h"

#define OPTIONS 7

static bool says_place(char *const *argv)
{
	for (; argv && *argv; argv++)
		if (strstr(*argv, "{port}") || strstr(*argv, "{path}"))
			return true;
	return false;
}

static char *option(struct check *check, char letter, uint32_t ms)
{
	return load_memory(
		check->load, arena_printf(&check->load->config->arena, "-%c%u", letter, ms));
}

static char **make_options(struct check *check)
{
	const struct policy *policy = check->policy;
	size_t at = 0;
	char **words = load_memory(
		check->load, arena_calloc(&check->load->config->arena, OPTIONS, sizeof(*words)));

	if (!words)
		return NULL;
	words[at++] = option(check, 's', policy->on_demand.start_ms);
	words[at++] = option(check, 'i', policy->on_demand.stop_ms);
	words[at++] = option(check, 'k', policy->kill_after_ms);
	if (policy->on_demand.sends_proxy)
		words[at++] = (char *)"-p";
	words[at] = (char *)"--";
	return words;
}

void check_on_demand(struct check *check)
{
	struct draft *draft = check->draft;

	if (check->policy->context.activation != ACTIVATION_PROXY || draft->internal)
		return;
	if (check->service->socktype != SOCK_STREAM) {
		CHECK_ERROR(check, KEY_ACTIVATION, "activation: proxy passes on connections alone");
		return;
	}
	if (!says_place(check->service->argv))
		CHECK_ERROR(check, KEY_SERVER_ARGS,
			"server_args: with 'activation = proxy' {port} or {path} must stand where "
			"the "
			"program is told where to listen");
	draft->service.wait = check->service->wait = true;
	if (!draft->set[KEY_STDERR]) /* there is no connection that it could go to */
		check->policy->context.errors.to = OUTPUT_LOG;
	check->policy->on_demand.words = make_options(check);
}
