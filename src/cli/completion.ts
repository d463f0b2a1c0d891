import { InputError } from "../memory/errors.ts";
import type { Command } from "./command.ts";
import { print } from "./terminal.ts";

/** The script for a shell, from the table of commands. */
type Script = (commands: readonly Command[]) => string;

const common = ["env", "help", "version"];
const flagsOf = ({ flags = [] }: Command) =>
	[...flags.map(({ name }) => name), ...common].map((name) => `--${name}`);
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

const scripts: Readonly<Record<string, Script>> = {
	bash: (commands) => `# eval "$(mcp-mem0 completion bash)"
_mcp_mem0() {
	local current=\${COMP_WORDS[COMP_CWORD]} command=\${COMP_WORDS[1]} words=
	if [ "$COMP_CWORD" -eq 1 ]; then words="${commands.map(({ name }) => name).join(" ")} --help --version"
	else case $command in
${commands.map((command) => `		${command.name}) words="${flagsOf(command).join(" ")}" ;;`).join("\n")}
	esac; fi
	case $current in
		-*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
		*) if [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W "$words" -- "$current")); else COMPREPLY=($(compgen -f -- "$current")); fi ;;
	esac
}
complete -F _mcp_mem0 mcp-mem0`,
	zsh: (commands) => `#compdef mcp-mem0
# eval "$(mcp-mem0 completion zsh)"
_mcp_mem0() {
	local -a commands
	commands=(
${commands.map(({ name, summary }) => `		${quoted(`${name}:${summary.replaceAll(":", "\\:")}`)}`).join("\n")}
	)
	if (( CURRENT == 2 )); then _describe command commands; return; fi
	case $words[2] in
${commands.map((command) => `		${command.name}) compadd -- ${flagsOf(command).join(" ")} ;;`).join("\n")}
	esac
	_files
}
compdef _mcp_mem0 mcp-mem0`,
	fish: (commands) =>
		[
			"# mcp-mem0 completion fish | source",
			"complete -c mcp-mem0 -n __fish_use_subcommand -l help",
			"complete -c mcp-mem0 -n __fish_use_subcommand -l version",
			...commands.flatMap(({ name, summary, flags = [] }) => [
				`complete -c mcp-mem0 -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
				...flags.map(
					(flag) =>
						`complete -c mcp-mem0 -n '__fish_seen_subcommand_from ${name}' -l ${flag.name}${flag.value ? " -r" : ""} -d ${quoted(flag.summary)}`,
				),
			]),
		].join("\n"),
	powershell: (commands) => `# mcp-mem0 completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName mcp-mem0 -ScriptBlock {
	param($wordToComplete, $commandAst, $cursorPosition)
	$flags = @{
${commands
	.map(
		(command) =>
			`		'${command.name}' = @(${flagsOf(command)
				.map((flag) => `'${flag}'`)
				.join(", ")})`,
	)
	.join("\n")}
	}
	$words = @($commandAst.CommandElements | ForEach-Object { "$_" })
	$isFirst = $words.Count -le 1 -or ($words.Count -eq 2 -and $wordToComplete -ne '')
	$candidates = if ($isFirst) { @($flags.Keys) + @('--help', '--version') } else { $flags[$words[1]] }
	$candidates | Where-Object { $_ -like "$wordToComplete*" } | Sort-Object | ForEach-Object {
		[System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterName', $_)
	}
}`,
};

/** @param commands all, this one included. */
export function completionFor(commands: () => readonly Command[]): Command {
	const names = Object.keys(scripts).join(", ");
	return {
		name: "completion",
		summary: `print the completion of commands and options for a shell: ${names}`,
		operands: { label: "SHELL", most: 1, missing: `completion needs a shell: ${names}.` },
		run: async (_, [shell = ""]) => {
			const script = scripts[shell];
			if (!script)
				throw new InputError(
					"command line",
					`There is no completion for ${JSON.stringify(shell)}. It takes ${names}.`,
				);
			print(script(commands()));
			return 0;
		},
	};
}
