/* check_access: who may use one service, and when. */
#include "config/check/check.h"
#include "config/text/list.h"

static void take_networks(
	struct check *check, enum key_id id, const char *text, struct networks *out)
{
	if (!check->draft->set[id])
		return;
	if (list_networks(text, &check->load->config->arena, out) < 0)
		check->load->no_memory = true;
}

void check_access(struct check *check)
{
	const struct draft *draft = check->draft;
	struct access *access = &check->service->access;

	take_networks(check, KEY_ONLY_FROM, draft->only_from, &access->only_from);
	take_networks(check, KEY_NO_ACCESS, draft->no_access, &access->no_access);
	take_networks(check, KEY_EXEMPT, draft->exempt, &access->exempt);
	if (draft->set[KEY_ACCESS_TIMES] &&
		list_times(draft->access_times, &check->load->config->arena, &access->times) < 0)
		check->load->no_memory = true;
	access->deny_ms = draft->deny_ms;
	access->deny_after = draft->set[KEY_DENY_AFTER] ? draft->deny_after : DENY_AFTER;
}
