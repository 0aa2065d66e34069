/* draft_pack: see draft_pack.h. Where a draft is too different from the base, and those before it
 * were, it becomes the next base: these take no more memory than the differences do. */
#include "config/keys/draft_pack.h"

#define WORD   sizeof(unsigned long)
#define WORDS  (sizeof(struct draft) / WORD)
#define STRIDE 16 /* words that are mostly all alike */
#define FEW    6  /* words that entries of one kind differ by: line, name, port... */

_Static_assert(sizeof(struct draft) % WORD == 0, "a draft is a number of words");

/* Some words of a draft; they follow, from the next multiple of a word on. */
struct draft_words {
	uint16_t count;
	uint16_t at[]; /* which they are */
};

static size_t head_bytes(size_t count)
{
	return (sizeof(struct draft_words) + count * sizeof(uint16_t) + WORD - 1) / WORD * WORD;
}

static bool is_alike(const struct draft *one, const struct draft *other, size_t at, size_t words)
{
	return !memcmp(
		(const char *)one + at * WORD, (const char *)other + at * WORD, words * WORD);
}

/* The words that are not the same in both; returns how many. */
static uint16_t find_differences(
	const struct draft *draft, const struct draft *base, uint16_t at[WORDS])
{
	uint16_t count = 0;

	for (size_t i = 0; i < WORDS; i++)
		if (i % STRIDE == 0 && i + STRIDE <= WORDS && is_alike(draft, base, i, STRIDE))
			i += STRIDE - 1;
		else if (!is_alike(draft, base, i, 1))
			at[count++] = (uint16_t)i;
	return count;
}

/* Makes the draft the base of those that follow. */
static int draft_become_base(struct draft_base *base, const struct draft *draft)
{
	struct draft *copy = arena_alloc(draft->arena, sizeof(*copy));

	if (!copy)
		return -1;
	memcpy(copy, draft, sizeof(*copy));
	*base = (struct draft_base){.draft = copy};
	return 0;
}

int draft_pack(struct draft_pack *pack, const struct draft *draft, struct draft_base *base)
{
	uint16_t at[WORDS], count = find_differences(draft, base->draft, at);
	struct draft_words *words = pack->words;

	base->differences += count > FEW ? count : 0;
	if (base->differences > WORDS) {
		if (draft_become_base(base, draft) < 0)
			return -1;
		count = 0;
	}
	if (!words || words->count < count)
		words = arena_alloc(draft->arena, head_bytes(count) + count * WORD);
	if (!words)
		return -1;
	words->count = count;
	memcpy(words->at, at, count * sizeof(*at));
	for (size_t i = 0; i < count; i++)
		memcpy((char *)words + head_bytes(count) + i * WORD,
			(const char *)draft + at[i] * WORD, WORD);
	pack->words = words;
	pack->base = base->draft;
	return 0;
}

static const char *word_of(const struct draft_words *words, size_t i)
{
	return (const char *)words + head_bytes(words->count) + i * WORD;
}

void draft_unpack(const struct draft_pack *pack, struct draft *draft)
{
	const struct draft_words *words = pack->words;

	*draft = *pack->base;
	for (size_t i = 0; i < words->count; i++)
		memcpy((char *)draft + words->at[i] * WORD, word_of(words, i), WORD);
}

/* What a word is that is a pointer. */
static const void *pointer_of(const struct draft_pack *pack, size_t offset)
{
	const struct draft_words *words = pack->words;
	const char *word = (const char *)pack->base + offset;
	const void *pointer;

	for (size_t i = 0; i < words->count; i++)
		if (words->at[i] * WORD == offset)
			word = word_of(words, i);
	memcpy(&pointer, word, sizeof(pointer));
	return pointer;
}

const char *draft_pack_name(const struct draft_pack *pack)
{
	return pointer_of(pack, offsetof(struct draft, name));
}

const struct protocol *draft_pack_protocol(const struct draft_pack *pack)
{
	return pointer_of(pack, offsetof(struct draft, protocol));
}
