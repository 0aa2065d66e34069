/* draft_pack: see draft_pack.h. What is kept begins with a bit for each word of a draft: those of
 * the words that follow. */
#include "config/keys/draft_pack.h"

#include <limits.h>

#define WORD     sizeof(unsigned long)
#define BITS     (CHAR_BIT * WORD)
#define WORDS    (sizeof(struct draft) / WORD)
#define STRIDE   16 /* words that are mostly all alike */
#define BIT_SETS ((WORDS + BITS - 1) / BITS)

_Static_assert(sizeof(struct draft) % WORD == 0, "a draft is a number of words");

static unsigned long word_of(const struct draft *draft, size_t at)
{
	unsigned long word;

	memcpy(&word, (const char *)draft + at * WORD, WORD);
	return word;
}

/* True if many words from there on are the same. */
static bool is_alike(const struct draft *draft, const struct draft *blank, size_t at)
{
	return at + STRIDE <= WORDS && !memcmp((const char *)draft + at * WORD,
					       (const char *)blank + at * WORD, STRIDE * WORD);
}

int draft_pack(struct draft_pack *pack, const struct draft *draft, const struct draft *blank)
{
	unsigned long kept[BIT_SETS + WORDS], *copy;
	size_t count = BIT_SETS;

	memset(kept, 0, BIT_SETS * WORD);
	for (size_t i = 0; i < WORDS; i++) {
		if (i % STRIDE == 0 && is_alike(draft, blank, i)) {
			i += STRIDE - 1;
			continue;
		}
		kept[count] = word_of(draft, i);
		if (kept[count] == word_of(blank, i))
			continue;
		kept[i / BITS] |= 1UL << i % BITS;
		count++;
	}
	copy = arena_calloc(draft->arena, count, WORD);
	if (!copy)
		return -1;
	memcpy(copy, kept, count * WORD);
	pack->kept = copy;
	pack->name = draft->name;
	pack->protocol = draft->protocol;
	return 0;
}

void draft_unpack(const struct draft_pack *pack, struct draft *draft, const struct draft *blank)
{
	const unsigned long *word = pack->kept + BIT_SETS;

	*draft = *blank;
	for (size_t set = 0; set < BIT_SETS; set++)
		for (unsigned long bits = pack->kept[set]; bits; bits &= bits - 1, word++) {
			size_t at = set * BITS + (size_t)__builtin_ctzl(bits);

			memcpy((char *)draft + at * WORD, word, WORD);
		}
}
