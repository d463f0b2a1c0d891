import { failure, ok, warning } from "../../doctor/findings.ts";
import { advice } from "../../doctor/fixes.ts";
import type { ServerEntry } from "../client.ts";
import { type ConnectionCheck, connectAnew, startOf } from "./connection.ts";

/** ms until a server must have listed its tools; clients give up, too. */
const patience = 5000;

/** Starts the server as the client does. */
export const server: ConnectionCheck = {
	stage: "server",
	title: "server",
	run: async (connection) => {
		const { client, entry, own, ask, signal } = connection;
		const start = startOf(entry) as ServerEntry;
		const late = AbortSignal.timeout(patience);
		try {
			connection.answer = await ask(start, AbortSignal.any([signal, late]));
		} catch (error) {
			signal.throwIfAborted();
			if (late.aborted)
				return failure(
					`The server that ${client.name} starts did not list its tools within ${patience / 1000} s.`,
					"The program is another one, or something keeps it from starting.",
					[connectAnew(connection), advice(`Run it: ${[start.command, ...start.args].join(" ")}`)],
				);
			const said = error instanceof Error ? error.message : String(error);
			return failure(
				`The server that ${client.name} starts gave no tools: ${said}`,
				"It ended, or is another program.",
				[connectAnew(connection)],
			);
		}
		const { version, tools, missing } = connection.answer;
		if (version !== own.version)
			return warning(
				`${client.name} starts version ${version}; this is ${own.version}.`,
				"Another installation of MCP Mem0 is behind the entry, or an update has not reached it.",
				[connectAnew(connection), advice("Update or remove the other installation")],
			);
		if (missing.length > 0)
			return failure(
				`A client did not get ${missing.join(", ")}.`,
				"The server is not the one of this version.",
				[connectAnew(connection)],
			);
		return ok(`It lists ${tools.length} tools, and is version ${version}.`);
	},
};
