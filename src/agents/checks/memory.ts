import { realpathSync } from "node:fs";
import { failure, ok, skipped, warning } from "../../doctor/findings.ts";
import { advice } from "../../doctor/fixes.ts";
import {
	type ConnectionCheck,
	connectAnew,
	type Own,
	openFile,
	type ServerAnswer,
	startOf,
} from "./connection.ts";

/** Whether the agent has the memory that this program has; two by accident look like one that forgets. */
export const memory: ConnectionCheck = {
	stage: "memory",
	title: "memory",
	optional: true,
	run: (connection) => {
		const { client, answer, own } = connection;
		if (!answer)
			return failure("The server did not say which memory it has.", "It is another program.", [
				connectAnew(connection),
			]);
		if (!own.memory) return skipped("Not compared: the settings of this program are not valid.");
		const { env = {} } = startOf(connection.entry) ?? {};
		const named = ["MEMORY_DIR", "TEAM_SERVER_URL", "DEFAULT_USER_ID", "MCP_MEM0_ENV_FILE"].find(
			(name) => env[name],
		);
		const fixes = [
			// What stands in an entry's environment stays when it is written anew.
			named
				? { ...openFile(connection, named), label: `Correct ${named} in ${connection.file}` }
				: connectAnew(connection),
			advice("If you want two, leave it. To join them: mcp-mem0 export in one, mcp-mem0 import in the other"),
		];
		if (!isSame(answer, own.memory))
			return warning(
				`${client.name} has another memory: ${answer.database}. Here it is ${own.memory.database}.`,
				"What one saves, the other does not find.",
				fixes,
			);
		if (own.memory.user !== undefined && answer.user !== own.memory.user)
			return warning(
				`${client.name} is another user of the memory: ${answer.user}. Here it is ${own.memory.user}.`,
				"Each user finds only memories of their own.",
				fixes,
			);
		return ok(`The same as here: ${answer.database}, user ${answer.user}.`);
	},
};

function isSame({ database }: ServerAnswer, own: NonNullable<Own["memory"]>): boolean {
	// Behind the URL of a team's server, it says as whom.
	if (own.user === undefined) return [database, database.replace(/, as .*$/s, "")].includes(own.database);
	return real(database) === real(own.database);
}

/** Through symbolic links; as it stands while it does not exist, or is none. */
function real(path: string): string {
	try {
		return realpathSync(path);
	} catch {
		return path;
	}
}
