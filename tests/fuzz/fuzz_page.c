/* fuzz_page: any bytes as the daemon's answer behind the status page: it is refused, or shown with
 * no more tags of any kind than the same page has whose texts are harmless, all of them closed and
 * with their quotes; and as JSON it ends. */
#include <assert.h>
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "page/json.h"
#include "page/page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* After the '<' of a tag: its end, past all that is quoted. */
static const char *tag_end(const char *at)
{
	for (; *at != '>'; at++) {
		assert(*at && *at != '<');
		if (*at == '"') {
			at = strchr(at + 1, '"');
			assert(at);
		}
	}
	return at;
}

/* The style and the script are ours, and hold what they like. */
static const char *skip(const char *at, const char *open, const char *close)
{
	if (strncmp(at, open, strlen(open)) != 0)
		return at;
	at = strstr(at, close);
	assert(at);
	return at;
}

static void look_at_page(const char *text)
{
	unsigned scripts = 0;

	for (const char *at = strchr(text, '<'); at; at = strchr(at + 1, '<')) {
		const char *tag = at + 1;

		assert(isalpha((unsigned char)*tag) || *tag == '/' || *tag == '!');
		at = tag_end(at + 1);
		scripts += !strncmp(tag, "script", 6);
		assert(strncmp(tag, "iframe", 6) != 0 && strncmp(tag, "img", 3) != 0);
		if (!strncmp(tag, "script", 6) || !strncmp(tag, "style", 5))
			at = skip(tag, *tag == 's' && tag[1] == 'c' ? "script" : "style",
				     tag[1] == 'c' ? "</script>" : "</style>") -
			     1;
	}
	assert(scripts == 1);
}

static void look(char *answer)
{
	struct status status = {0};
	struct page page = {.status = &status,
		.host = "host",
		.nonce = "nonce",
		.refresh = 5,
		.most = 50,
		.now = 1700000000};
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert(out);
	if (status_add(&status, answer) == 0) {
		status_sort(&status);
		page_write(out, &page);
		assert(fclose(out) == 0 && strlen(text) == len);
		look_at_page(text);
	} else {
		fclose(out);
	}
	status_free(&status);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *answer = malloc(size + 1), *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert(answer && out);
	memcpy(answer, data, size);
	answer[size] = 0;
	json_write(out, &answer, 1, 1700000000);
	assert(fclose(out) == 0);
	free(text);
	look(answer);
	free(answer);
	return 0;
}
