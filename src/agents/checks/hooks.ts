import { existsSync } from "node:fs";
import { parse } from "jsonc-parser";
import { type CheckResult, failure, ok, skipped, warning } from "../../doctor/findings.ts";
import { advice } from "../../doctor/fixes.ts";
import type { Fix } from "../../doctor/report.ts";
import { clients } from "../clients/index.ts";
import { ConfigFileError, readConfigFile } from "../configFile.ts";
import { isEntry } from "../edit/format.ts";
import { toml } from "../edit/toml.ts";
import { hasHooks } from "../hooks/hookFiles.ts";
import { type Connection, type ConnectionCheck, connectAnew, openFile } from "./connection.ts";

/** Whether a client's hooks, which tell its agents unasked, are in place and may run. */
export const hooks: ConnectionCheck = {
	stage: "hooks",
	title: "hooks",
	optional: true,
	applies: ({ client }) => hasHooks(client),
	run: async (connection) => {
		const { client, places, own } = connection;
		const file = client.hooks?.file(places) ?? "";
		let text: string;
		try {
			({ text = "" } = await readConfigFile(file));
		} catch (error) {
			if (!(error instanceof ConfigFileError)) throw error;
			return warning(error.message, "Whether our hooks are in it cannot be seen.", [
				openFile({ file, text: "" }, ""),
			]);
		}
		const values: unknown = parse(text, [], { allowTrailingComma: true });
		const commands = ourCommands(isEntry(values) ? values.hooks : undefined);
		if (commands.length === 0)
			return skipped(
				`${client.name} is told only what it asks for: mcp-mem0 connect ${client.id} --with-hooks changes that.`,
			);
		const gone = commands.flatMap(scriptsIn).find((script) => !existsSync(script));
		if (gone !== undefined)
			return failure(
				`The hooks in ${file} start ${gone}, which is missing.`,
				"They were put there by an installation that is gone. Hooks fail in silence.",
				[connectAnew(connection)],
			);
		if (isEntry(values) && values.disableAllHooks === true)
			return warning(`${file} turns all hooks off.`, '"disableAllHooks" is true.', [
				openFile({ file, text }, "disableAllHooks"),
			]);
		const refused =
			client.id === "codex" ? untrusted(connection, file) : own.inVscode && refusedByVscode(connection);
		return refused || ok(`Sessions are told what is remembered, by the hooks in ${file}.`);
	},
};

/** The command lines of ours, anywhere below. */
function ourCommands(value: unknown): string[] {
	if (typeof value === "string") return /mcp-mem0.*\bhook --client \w/s.test(value) ? [value] : [];
	return typeof value === "object" && value !== null ? Object.values(value).flatMap(ourCommands) : [];
}

/** The absolute paths of scripts in a command line, in quotes or without. */
function scriptsIn(line: string): string[] {
	// A quotation mark in quotes, as sh and PowerShell write it.
	const mark = "\0";
	const paths = line
		.replace(/'\\''|''/g, mark)
		.matchAll(/(?<quote>['"])(?<quoted>.*?)\k<quote>|(?<bare>\S+)/g);
	return [...paths]
		.map(({ groups = {} }) => groups.quoted ?? groups.bare ?? "")
		.map((path) => path.replaceAll(mark, "'"))
		.filter((path) => /^(\/|[a-z]:[\\/]).*\.m?js$/i.test(path));
}

/** VS Code's own harness reads the hooks of Copilot, and of Claude Code where that is allowed. */
function refusedByVscode({ client, others, own }: Connection): CheckResult | undefined {
	if (client.id !== "copilot" && client.id !== "claude") return undefined;
	const setting = own.hostSetting ?? (() => undefined);
	const said = "VS Code runs no hooks";
	if (setting("chat.useHooks") === false)
		return warning(`${said}: chat.useHooks is off.`, "Its own chat is told only what it asks for.", [
			allow("chat.useHooks"),
		]);
	if (client.id === "copilot" && own.trusted === false)
		return warning(
			`${said} in this folder, which is not trusted.`,
			"Its own chat is told only what it asks for.",
			[advice("Trust the folder: Workspaces: Manage Workspace Trust")],
		);
	// With Copilot's hooks in place, Claude's would only do the same.
	if (
		client.id === "claude" &&
		!others.some(({ id }) => id === "copilot") &&
		setting("chat.useClaudeHooks") !== true
	)
		return warning(
			"VS Code does not run the hooks of Claude Code: chat.useClaudeHooks is off.",
			"Claude Code itself runs them; VS Code's own chat is told only what it asks for.",
			[allow("chat.useClaudeHooks"), connectAnew({ client: copilot })],
		);
	return undefined;
}

const copilot = clients.find(({ id }) => id === "copilot") as Connection["client"];

function allow(setting: string): Fix {
	return { kind: "host-setting", label: `Turn on ${setting}`, setting, value: true };
}

/** Codex passes over hooks that nobody has trusted there; it keeps a mark for each in its configuration. */
function untrusted({ client, text }: Connection, file: string): CheckResult | undefined {
	const states = toml.get(text, ["hooks"], "state") ?? {};
	const ours = client.hooks?.events ?? [];
	const isTrusted = (event: string) => {
		const place = `${file}:${event.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase()}:`;
		return Object.entries(states).some(
			([key, state]) =>
				key.startsWith(place) &&
				isEntry(state) &&
				state.trusted_hash !== undefined &&
				state.enabled !== false,
		);
	};
	const refused = ours.filter((event) => !isTrusted(event));
	if (refused.length === 0) return undefined;
	return warning(
		`Codex does not run our hooks for ${refused.join(", ")}.`,
		"It passes over hooks that nobody has trusted, without a word.",
		[advice("In Codex, type /hooks and trust those of mcp-mem0")],
	);
}
