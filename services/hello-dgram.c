/* hello-dgram: a greeting by datagram, as a service of the `dgram wait` kind. inetd lends its
 * socket when the first datagram is there and listens again when this program exits.
 *
 * Shown here: take every datagram that is queued, stay a little while for the next ones (a start
 * for each would be slow), then exit; answer from the address that was asked, also on a machine
 * that has several; and answer neither servers nor answers, so that no two programs talk for ever
 * (common/datagram.h). The socket may be a unix one: then a caller who wants an answer binds a name
 * of his own. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/datagram.h"
#include "common/io.h"
#include "common/options.h"

#define USAGE    "hello-dgram [-t seconds]"
#define GREETING "Hello, "

static void greet(const struct datagram_socket *socket, struct datagram *letter)
{
	char text[sizeof(letter->text) + sizeof(GREETING) + 2];
	int name_len = (int)strcspn(letter->text, "\r\n");
	int len = snprintf(text, sizeof(text), GREETING "%.*s.\n", name_len, letter->text);

	datagram_answer(socket, letter, text, (size_t)len);
}

int main(int argc, char *argv[])
{
	struct datagram_socket socket = datagram_open(STDIN_FILENO);
	int idle_ms = options_limit_ms(argc, argv, 2, USAGE); /* after the last datagram */
	int found;
	struct datagram letter;

	do {
		while (datagram_receive(&socket, &letter) == 0)
			if (datagram_from_client(&socket, &letter) &&
				strncmp(letter.text, GREETING, strlen(GREETING)) != 0)
				greet(&socket, &letter);
		if (errno != EAGAIN && errno != EINTR)
			return 1;
	} while ((found = io_wait(STDIN_FILENO, POLLIN, idle_ms)) > 0);
	return found < 0;
}
