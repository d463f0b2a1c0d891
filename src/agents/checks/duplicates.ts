import { ok, warning } from "../../doctor/findings.ts";
import { advice } from "../../doctor/fixes.ts";
import { isOurs, nameIn } from "../connections.ts";
import { type Connection, type ConnectionCheck, openFile } from "./connection.ts";

/** Clients that read the folder's file beside their own. */
const readers = ["copilot", "claude", "vscode"];

/** Whether an agent gets our server twice: its model sees each tool twice, or the client leaves one out. */
export const duplicates: ConnectionCheck = {
	stage: "duplicates",
	title: "only once",
	optional: true,
	run: (connection) => {
		const { client, others, own, file } = connection;
		const name = nameIn(client);
		const [more] = otherNames(connection);
		if (more !== undefined)
			return warning(
				`${file} starts our server twice: as "${name}" and as "${more}".`,
				"Models see each tool twice.",
				[openFile(connection, `${more}`), advice(`Remove "${more}"`)],
			);
		if (client.id === "vscode" && own.inVscode)
			return warning(
				"VS Code gets our server from the extension and from its own file.",
				"Models see each tool twice.",
				[advice("Run mcp-mem0 disconnect vscode"), openFile(connection, name)],
			);
		const reader = others.find(({ id }) => readers.includes(id));
		if (client.id === "workspace" && reader)
			return warning(
				`${reader.name} gets our server from this folder's file and from its own.`,
				"Both have the same name, so one of them is left out.",
				[advice("Run mcp-mem0 disconnect workspace"), openFile(connection, name)],
			);
		return ok("No other entry starts our server.");
	},
};

function otherNames({ client, text }: Connection): readonly string[] {
	const { format, servers } = client;
	return format.names(text, servers).filter((name) => {
		const entry = name === nameIn(client) ? undefined : format.get(text, servers, name);
		return entry !== undefined && isOurs(entry);
	});
}
