/* daytime (RFC 867): the local time as ctime(3) writes it, with CRLF. */
#include <sys/param.h>
#include <time.h>

#include "worker/transfer.h"

#define ROOM 32

static char text[ROOM]; /* of the second `text_of` */
static size_t text_len;
static time_t text_of = -1;

static void daytime_update(void)
{
	char broken[ROOM]; /* asctime_r(3) wants 26 bytes */
	time_t now = time(NULL);
	struct tm tm;

	if (now == text_of)
		return;
	if (!localtime_r(&now, &tm) || !asctime_r(&tm, broken))
		return;
	broken[strcspn(broken, "\n")] = 0;
	text_len = (size_t)snprintf(text, sizeof(text), "%s\r\n", broken);
	text_of = now;
}

void daytime_open(void)
{
	/* localtime_r(3) reads the zone once, here; strftime(3) might look at its file again. */
	tzset();
	daytime_update();
}

static enum step daytime_start(struct session *session, const struct worker_down *msg)
{
	(void)msg;
	daytime_update();
	return transfer_send(session, text, text_len) < 0 ? STEP_CLOSE : STEP_FINISH;
}

static size_t daytime_answer(char *data, size_t len)
{
	(void)len;
	daytime_update();
	memcpy(data, text, MIN(text_len, DGRAM_ROOM));
	return text_len;
}

const struct protocol daytime_protocol = {
	.start = daytime_start,
	.answer = daytime_answer,
};
