#compdef inetctl
# zsh completion for inetctl. Verbs and what they take come from its own --help, names of services from the daemon.

# _inetctl_lines COMMAND...: what it prints, without a word if it fails, into the array reply.
_inetctl_lines() {
	reply=("${(@f)$("$@" 2>/dev/null)}")
	[[ -n "${reply[*]}" ]]
}

# _inetctl_column NUMBER COMMAND...: that field of each line but the first, each once, into reply.
_inetctl_column() {
	local number=$1 line
	local -aU values
	shift
	_inetctl_lines "$@" || return
	for line in "${(@)reply[2,-1]}"; do
		values+=("${${(z)line}[number]}")
	done
	reply=("${(@)values:#-}")
}

_inetctl_verbs() {
	local -a verbs
	local line
	_inetctl_lines "$program" --help || return
	for line in "${(@M)reply:#  [a-z]*}"; do
		verbs+=("${${line#  }%% *}:${line##*  }")
	done
	_describe -t verbs verb verbs
}

_inetctl_argument() {
	local kind found
	local -a reply help values
	_inetctl_lines "$program" --help || return
	help=("${reply[@]}")
	found=${(M)reply:#  $verb *}
	kind=${${${found#  $verb}# }%%  *}
	case $kind in
	*FILE*) _arguments '--check[only tell what becomes of each attribute]' '*:file:_files' && return ;;
	*-d\ DIR*)
		_inetctl_column 1 "${command[@]}" list && values=("${reply[@]}")
		_arguments '-d[where to make the files]:directory:_files -/' '*:name:($values)' && return
		;;
	PID\|NAME)
		_inetctl_column 1 "${command[@]}" connections && values=("${reply[@]}")
		_inetctl_column 3 "${command[@]}" connections && values+=("${reply[@]}")
		;;
	*NAME*) _inetctl_column 1 "${command[@]}" list && values=("${reply[@]}") ;;
	*KEY*) _inetctl_column 1 "${command[@]}" keys && values=("${reply[@]}") ;;
	*LEVEL*)
		_inetctl_lines "${command[@]}" keys log_level
		found=${(M)reply:#  range*}
		values=(${(s:, :)${found##*   }})
		;;
	*openmetrics*) values=(openmetrics) ;;
	*program*) _arguments -S '-p[port]:port' '-u[datagrams]' '-w[lend the socket]' '*::program:_normal' && return ;;
	*'-o c|r|f|n'*)
		_arguments '--json[for programs]' '-d[seconds between two rounds]:seconds' '-n[how many rounds]:rounds' \
			'-o[order]:order:(c r f n)' && return
		;;
	esac
	if [[ $PREFIX == -* ]]; then
		values=()
		found=${(M)help:#    [a-z]*}
		[[ " $found " != *" $verb "* ]] || values=(--json)
	fi
	(( $#values )) && compadd -a values
}

_inetctl() {
	local program=$words[1] verb='' i
	local -a command reply
	command=("$program")
	for (( i = 2; i < CURRENT; i++ )); do
		case $words[i] in
		-s) (( ++i < CURRENT )) && command+=(-s "${(Q)words[i]}") ;;
		-*) ;;
		*) verb=$words[i] && break ;;
		esac
	done
	if [[ -n $verb ]]; then
		words=("${(@)words[i,-1]}")
		(( CURRENT -= i - 1 ))
		_inetctl_argument
	elif [[ $words[CURRENT-1] == -s ]]; then
		_files
	elif [[ $PREFIX == -* ]]; then
		compadd -- -s --json --help
	else
		_inetctl_verbs
	fi
}

_inetctl "$@"
