# bash completion for inetd and inetctl. Options and verbs come from their own --help.

_inetd_words() { # PATTERN PROGRAM
	"$2" --help 2>/dev/null | grep -oE -- "$1" | tr -d ' ,' | sort -u
}

_inetd() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	case $before,$word in
	-[acCqRs],* | --rate,*) ;;
	*,-*) mapfile -t COMPREPLY < <(compgen -W "$(_inetd_words '(^|[ ,])-(-[a-z]+|[0-9A-Za-z]\b)' "$1")" -- "$word") ;;
	*) compopt -o filenames && mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
	esac
}

# _inetctl_second PROGRAM VERB: what may follow the verb. Names come from the daemon, if it answers.
_inetctl_second() {
	case $2 in
	keys) "$1" keys | awk 'NR > 1 { print $1 }' ;;
	show) "$1" list 2>/dev/null | awk 'NR > 1 { print $1 }' | sort -u ;;
	esac
}

_inetctl() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	case $before in
	-s) compopt -o filenames && mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
	keys | show)
		mapfile -t COMPREPLY < <(compgen -W "$(_inetctl_second "$1" "$before")" -- "$word")
		;;
	*) mapfile -t COMPREPLY < <(compgen -W "-s $(_inetd_words '^  [a-z-]+ ' "$1")" -- "$word") ;;
	esac
}

complete -F _inetd inetd
complete -F _inetctl inetctl
