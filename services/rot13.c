/* rot13: a filter as a service. Every line comes back with its letters turned by 13; two turns give
 * the line again. Serves one stream connection (`nowait`) and needs nothing of the network: the
 * connection is standard input and output, so it runs in a shell pipeline as well.
 *
 * Shown here: answer what is there at once, end when the peer has sent everything, take a peer
 * that has gone for an end, not for a fault, and do not wait for ever for one that does nothing. */
#include <signal.h>
#include <unistd.h>

#include "common/io.h"
#include "common/options.h"
#include "common/rot13.h"

#define USAGE "rot13 [-t seconds]"

int main(int argc, char *argv[])
{
	io_limit_ms = options_limit_ms(argc, argv, 300, USAGE);
	/* inetd hands over default signals: without this a write to a pipe without a reader would
	 * kill us. */
	signal(SIGPIPE, SIG_IGN);
	return rot13_serve(STDIN_FILENO, STDOUT_FILENO) < 0;
}
