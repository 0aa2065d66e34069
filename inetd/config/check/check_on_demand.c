/* check_on_demand: activation = proxy: a daemon with a port or path of its own behind
 * services/ondemand, which is given the sockets as a wait program is. */
#include "config/check/check.h"
#include "config/keys/key.h"

#define OPTIONS 7

static bool says(char *const *argv, const char *place)
{
	for (; argv && *argv; argv++)
		if (strstr(*argv, place))
			return true;
	return false;
}

static void check_place(struct check *check)
{
	char *const *argv = check->service->argv;
	bool datagrams = check->service->socktype != SOCK_STREAM;

	if (!says(argv, "{port}") && (datagrams || !says(argv, "{path}")))
		CHECK_ERROR(check, KEY_SERVER_ARGS,
			"server_args: with 'activation = proxy' {port}%s must stand where the "
			"program is told where to listen",
			datagrams ? "" : " or {path}");
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
	if (check->service->socktype != SOCK_STREAM && check->policy->on_demand.sends_proxy)
		CHECK_ERROR(check, KEY_SEND_PROXY, "send_proxy: datagrams have no PROXY header");
	check_place(check);
	draft->service.wait = check->service->wait = true;
	if (!draft->set[KEY_STDERR]) /* there is no connection that it could go to */
		check->policy->context.errors.to = OUTPUT_LOG;
	check->policy->on_demand.words = make_options(check);
}
