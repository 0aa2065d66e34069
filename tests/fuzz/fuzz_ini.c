/* fuzz_ini: any bytes as an *.ini file beside an inetd.conf whose entries it may extend. */
#include "fuzz_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_load("echo stream tcp nowait root internal\n"
		  "echo dgram udp wait root internal\n"
		  "127.0.0.1:80 stream tcp nowait root /bin/sh sh -x\n",
		"fuzz.ini", data, size);
	return 0;
}
