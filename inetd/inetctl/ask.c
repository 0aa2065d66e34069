/* ask: the verbs whose answer is printed as the daemon wrote it. */
#include <stdlib.h>

#include "base/json.h"
#include "base/log.h"
#include "inetctl/answer.h"

int ctl_ask(const struct ctl *ctl)
{
	char *text;
	size_t len;
	int status = answer_text(ctl, &text, &len);

	if (text)
		fwrite(text, 1, len, stdout);
	free(text);
	return status;
}

int ctl_text(const struct ctl *ctl)
{
	char *text;
	size_t len;
	int status;

	if (!ctl->json)
		return ctl_ask(ctl);
	status = answer_text(ctl, &text, &len);
	if (text) {
		struct json json;

		putchar('[');
		json_open(&json, stdout);
		json_text(&json, "text", log_mask_lines(text));
		json_close(&json);
		fputs("]\n", stdout);
	}
	free(text);
	return status;
}
