# words.bash - lists that are taken out of documents, of sources and of what programs print, and compared. A pattern
# that finds nothing any more, because what it looks for was moved or written in another way, must fail: two empty lists
# are equal, and a loop over nothing finds no fault.

# same_words LIST LIST: they are equal, and not empty.
same_words() {
	[ -n "$1" ] || { echo 'nothing to compare' && return 1; }
	diff <(echo "$1") <(echo "$2")
}

# at_least NUMBER LIST: the list has so many lines.
at_least() {
	[ "$(grep -c . <<<"$2")" -ge "$1" ] || { echo "not $1 lines: $2" && return 1; }
}

# source_body WORD: the definition that begins with a line that has the word and a bracket, up to the bracket in
# the first column that ends it: of a function or of a table, in any file of inetd/. Fails where there is none or
# more than one.
source_body() {
	local body
	body=$(find "$TOP/inetd" -name '*.c' -exec sed -nE "/^[a-z].*\\<$1\\>[[(].*[^;]\$/,/^\\}/p" {} +)
	[ "$(grep -c '^}' <<<"$body")" = 1 ] || { echo "not one definition of $1" >&2 && return 1; }
	echo "$body"
}
