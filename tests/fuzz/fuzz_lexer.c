/* fuzz_lexer: any bytes as the text of a file: lines are split into words, and what comes out is
 * within what went in. */
#include "config/text/lexer.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void split(const struct line *line, struct arena *arena, struct words *words)
{
	size_t before = words->count, bytes = 0;
	enum lex lex = lexer_split(line, arena, words);

	assert(lex == LEX_OK || lex == LEX_QUOTE || lex == LEX_NUL);
	for (size_t i = before; i < words->count; i++) {
		assert(words->word[i].line == line->number);
		bytes += strlen(words->word[i].text) + 1;
	}
	assert(bytes <= line->len + 1);
	assert(lex == LEX_NUL || line->blank == (words->count == before && lex == LEX_OK) ||
		line->goes_on);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct words words = {0};
	struct arena arena;
	struct lexer lexer;
	struct line line;
	unsigned number = 0;

	arena_init(&arena);
	lexer_init(&lexer, (const char *)data, size);
	while (lexer_next(&lexer, &line)) {
		number++;
		assert(line.number == number);
		assert((const uint8_t *)line.text + line.len <= data + size);
		split(&line, &arena, &words);
	}
	words_free(&words);
	arena_free(&arena);
	return 0;
}
