# bash completion for inetd and inetctl. Options, verbs and what they take come from their own --help, names of
# services from the daemon. What comes from elsewhere is never evaluated: no compgen -W.

# _inetd_match WORD [CANDIDATE...]: COMPREPLY gets those that begin so, quoted for the shell.
_inetd_match() {
	local word=$1 candidate
	shift
	COMPREPLY=()
	for candidate; do
		[[ $candidate != "$word"* ]] || COMPREPLY+=("$(printf %q "$candidate")")
	done
}

_inetd_files() {
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

_inetd() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} options
	case $before,$word in
	-[acCqRs],* | --rate,*) COMPREPLY=() ;;
	*,-*)
		mapfile -t options < <("$1" --help 2>/dev/null |
			grep -oE -- '(^|[ ,|])-(-[a-z]+|[0-9A-Za-z]\b)' | tr -d ' ,|' | sort -u)
		_inetd_match "$word" "${options[@]}"
		;;
	*) _inetd_files "$word" ;;
	esac
}

# _inetctl_kind PROGRAM VERB: what follows the verb in --help.
_inetctl_kind() {
	"$1" --help 2>/dev/null | sed -n "s/^  $2 //p" | sed 's/  .*//'
}

# _inetctl_options PROGRAM VERB: --json, if --help has it for this verb.
_inetctl_options() {
	! "$1" --help 2>/dev/null | grep '^    [a-z]' | grep -qw -- "$2" || echo --json
}

# _inetctl_names KIND COMMAND...: what may stand for such an argument; the command is inetctl with its socket.
_inetctl_names() {
	local kind=$1
	shift
	case $kind in
	PID\|NAME) "$@" connections 2>/dev/null | awk 'NR > 1 { print $1; if ($3 != "-") print $3 }' | sort -u ;;
	*NAME*) "$@" list 2>/dev/null | awk 'NR > 1 { print $1 }' | sort -u ;;
	*KEY*) "$@" keys 2>/dev/null | awk 'NR > 1 { print $1 }' ;;
	*LEVEL*) "$@" keys log_level 2>/dev/null | sed -n 's/^  range *//p' | tr -d ' ' | tr , '\n' ;;
	*openmetrics*) echo openmetrics ;;
	*'-o c|r|f|n'*) printf '%s\n' --json -d -n -o ;;
	*program*) printf '%s\n' -p -u -w ;;
	esac
}

_inetctl() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} verb='' kind i candidates
	local -a command=("$1")
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-s) ((++i < COMP_CWORD)) && command+=(-s "${COMP_WORDS[i]}") ;;
		-*) ;;
		*) verb=${COMP_WORDS[i]} && break ;;
		esac
	done
	if [ -z "$verb" ] && [ "$before" = -s ]; then
		_inetd_files "$word"
	elif [ -z "$verb" ]; then
		mapfile -t candidates < <("$1" --help 2>/dev/null | sed -nE 's/^  ([a-z-]+) .*/\1/p')
		_inetd_match "$word" -s --json --help "${candidates[@]}"
	else
		kind=$(_inetctl_kind "$1" "$verb")
		case $kind,$before,$word in
		*-d\ DIR*,-d,*) _inetd_files "$word" && return ;;
		*-d\ DIR*,*,-*) candidates=(-d) ;;
		*FILE*,*,-*) candidates=(--check) ;;
		*FILE*) _inetd_files "$word" && return ;;
		*-o\ c*,-o,*) candidates=(c r f n) ;;
		*-[dnp]\ *,-[dnp],*) candidates=() ;;
		*program*,*,-*) mapfile -t candidates < <(_inetctl_names "$kind" "${command[@]}") ;;
		*program*)
			mapfile -t COMPREPLY < <(compgen -c -- "$word")
			[ ${#COMPREPLY[@]} -gt 0 ] || _inetd_files "$word"
			return
			;;
		*-o\ c*) mapfile -t candidates < <(_inetctl_names "$kind" "${command[@]}") ;;
		*,-*) mapfile -t candidates < <(_inetctl_options "$1" "$verb") ;;
		*) mapfile -t candidates < <(_inetctl_names "$kind" "${command[@]}") ;;
		esac
		_inetd_match "$word" "${candidates[@]}"
	fi
}

complete -F _inetd inetd
complete -F _inetctl inetctl
