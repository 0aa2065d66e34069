/* time (RFC 868): seconds since 1900-01-01 00:00 GMT, 32 bits, most significant byte first. They
 * run over in 2036, as the protocol does. */
#include <arpa/inet.h>
#include <time.h>

#include "worker/transfer.h"

#define SECONDS_1900_TO_1970 2208988800UL

static uint32_t time_word(void)
{
	return htonl((uint32_t)((unsigned long)time(NULL) + SECONDS_1900_TO_1970));
}

static enum step time_start(struct session *session, const struct worker_down *msg)
{
	uint32_t word = time_word();

	(void)msg;
	return transfer_send(session, &word, sizeof(word)) < 0 ? STEP_CLOSE : STEP_FINISH;
}

static size_t time_answer(char *data, size_t len)
{
	uint32_t word = time_word();

	(void)len;
	memcpy(data, &word, sizeof(word));
	return sizeof(word);
}

const struct protocol time_protocol = {
	.start = time_start,
	.answer = time_answer,
};
