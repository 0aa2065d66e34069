/* answer: see answer.h. */
#include "inetctl/answer.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "protocol/ask.h"

#define PATIENCE_MS 60000 /* a reload may take its time */

/* The daemon cannot be reached: what can be done about it. */
static void explain_silence(const struct ctl *ctl, const char *path, int error)
{
	const struct group *group;
	struct stat st;

	fprintf(ctl->err, "inetctl: no inetd answers on %s: %s\n", path, strerror(error));
	if (error != EACCES && error != EPERM) {
		fputs("inetctl: start it (systemctl start inetd, or inetd), or name its socket "
		      "with -s or INETD_CONTROL\n",
			ctl->err);
		return;
	}
	group = stat(path, &st) ? NULL : getgrgid(st.st_gid);
	if (group && (st.st_mode & S_IWGRP))
		fprintf(ctl->err,
			"inetctl: root may use it, and members of the group %s: ask to become one, "
			"or use sudo\n",
			group->gr_name);
	else
		fputs("inetctl: only root and its owner may use it: use sudo, or set control_group "
		      "in [inetd] to let a group read\n",
			ctl->err);
}

int answer_foreign(const struct ctl *ctl)
{
	fputs("inetctl: the answer is not one of an inetd of this version\n", ctl->err);
	return CTL_FAILED;
}

/* Reports why there is no answer and frees it; returns the exit code. */
static int explain(const struct ctl *ctl, struct ask_answer *answer, int error)
{
	if (error == EINVAL && !answer->path) {
		fprintf(ctl->err,
			"inetctl: %s: an argument is one line of text, not too long and without "
			"control characters\n",
			ctl->verb);
		return CTL_USAGE;
	}
	if (error == EPROTO)
		return answer_foreign(ctl);
	if (!answer->connected)
		explain_silence(ctl, answer->path, error);
	else if (error == EBADMSG)
		fprintf(ctl->err, "%s%sinetctl: the answer was cut off after %zu of %zu bytes\n",
			answer->status == CTL_FAILED ? log_mask_lines(answer->text) : "",
			answer->status == CTL_FAILED ? "\n" : "", answer->len, answer->promised);
	else if (error == ETIMEDOUT)
		fprintf(ctl->err, "inetctl: no answer within %d s\n", PATIENCE_MS / 1000);
	else
		fprintf(ctl->err, "inetctl: %s: %s\n", answer->path, strerror(error));
	free(answer->text);
	return CTL_FAILED;
}

int answer_text(const struct ctl *ctl, char **text, size_t *len)
{
	const struct ask ask = {ctl->socket, PATIENCE_MS, SIZE_MAX};
	struct ask_answer answer;

	*text = NULL;
	if (ask_daemon(&ask, ctl->verb, ctl->arg, &answer) < 0)
		return explain(ctl, &answer, errno);
	if (answer.status == CTL_FAILED) {
		fputs(log_mask_lines(answer.text), ctl->err);
		free(answer.text);
		return CTL_FAILED;
	}
	*text = answer.text;
	*len = answer.len;
	return answer.status;
}

static int read_records(const struct ctl *ctl, char *text, answer_fn *each, void *arg)
{
	struct record record;
	char *line;

	while ((line = strsep(&text, "\n"))) {
		if (!*line)
			continue;
		if (!record_parse(line, &record))
			return answer_foreign(ctl);
		each(&record, arg);
	}
	return 0;
}

int answer_each(const struct ctl *ctl, answer_fn *each, void *arg)
{
	char *text;
	size_t len;
	int status = answer_text(ctl, &text, &len);

	if (!status)
		status = read_records(ctl, text, each, arg);
	else if (text) /* why there are no records */
		fputs(log_mask_lines(text), ctl->err);
	free(text);
	return status;
}

void answer_json_put(struct answer_json *json, const struct record *record)
{
	fputs(json->begun ? ",\n  " : "[\n  ", json->out);
	json->begun = true;
	record_json(record, json->out);
}

void answer_json_end(struct answer_json *json)
{
	fputs(json->begun ? "\n]\n" : "[]\n", json->out);
}

static void put_json(const struct record *record, void *arg)
{
	answer_json_put(arg, record);
}

int answer_json(const struct ctl *ctl)
{
	struct answer_json json = {.out = stdout};
	int status = answer_each(ctl, put_json, &json);

	if (!status)
		answer_json_end(&json);
	return status;
}
