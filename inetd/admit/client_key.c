/* client_key: see client_key.h. */
#include "admit/client_key.h"

#include <string.h>
#include <sys/param.h>

static void mask_bytes(uint8_t *bytes, size_t len, unsigned prefix)
{
	for (size_t i = 0; i < len; i++) {
		unsigned bits = MIN(prefix, 8);

		bytes[i] &= (uint8_t)(0xff00u >> bits);
		prefix -= bits;
	}
}

struct client_key client_key_of(
	const struct sockaddr_len *peer, uid_t uid, unsigned prefix4, unsigned prefix6)
{
	struct sockaddr_len plain = *peer;
	struct client_key key = {.bytes = {AF_UNIX}};

	sockaddr_unmap(&plain);
	if (plain.len && plain.addr.sa.sa_family == AF_INET) {
		key.bytes[0] = AF_INET;
		memcpy(key.bytes + 1, &plain.addr.in.sin_addr, 4);
		mask_bytes(key.bytes + 1, 4, prefix4);
	} else if (plain.len && plain.addr.sa.sa_family == AF_INET6) {
		key.bytes[0] = AF_INET6;
		memcpy(key.bytes + 1, &plain.addr.in6.sin6_addr, 16);
		mask_bytes(key.bytes + 1, 16, prefix6);
	} else if (plain.len && plain.addr.sa.sa_family == AF_VSOCK) {
		uint32_t cid = htonl(plain.addr.vm.svm_cid);

		key.bytes[0] = AF_VSOCK;
		memcpy(key.bytes + 1, &cid, sizeof(cid));
	} else {
		memcpy(key.bytes + 1, &uid, sizeof(uid));
	}
	return key;
}

static uint64_t rotate(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] = rotate(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
}

bool client_key_equal(const struct client_key *a, const struct client_key *b)
{
	return !memcmp(a, b, sizeof(*a));
}

uint64_t client_key_hash(const struct client_key *key, const uint64_t seed[2])
{
	uint64_t v[4], words[2];

	v[0] = seed[0] ^ 0x736f6d6570736575;
	v[1] = seed[1] ^ 0x646f72616e646f6d;
	v[2] = seed[0] ^ 0x6c7967656e657261;
	v[3] = seed[1] ^ 0x7465646279746573;
	memcpy(words, key->bytes, sizeof(words));
	sip_word(v, words[0]);
	sip_word(v, words[1]);
	sip_word(v, (uint64_t)sizeof(key->bytes) << 56 | key->bytes[16]);
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
