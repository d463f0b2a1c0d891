import { ok, warning } from "../../doctor/findings.ts";
import { type Connection, type ConnectionCheck, connectAnew } from "./connection.ts";

/** What keeps clients from hiding tools behind a search for tools, where models seldom look. */
const keys = ["deferTools", "alwaysLoad"];

function wantedIn({ client }: Connection): readonly (readonly [key: string, value: unknown])[] {
	const ours = client.toEntry({ command: "", args: [], env: {} });
	return keys.flatMap((key) => (key in ours ? [[key, ours[key]] as const] : []));
}

export const toolSearch: ConnectionCheck = {
	stage: "toolSearch",
	title: "tools in sight",
	optional: true,
	applies: (connection) => wantedIn(connection).length > 0,
	run: (connection) => {
		const { client, entry } = connection;
		const differing = wantedIn(connection).filter(([key, value]) => entry[key] !== value);
		if (differing.length === 0) return ok("They are not hidden behind a search for tools.");
		const lines = differing.map(([key, value]) => `"${key}": ${JSON.stringify(value)}`).join(", ");
		return warning(
			`${client.name} may hide our tools behind a search for tools: the entry lacks ${lines}.`,
			"A model that does not search for tools never saves or recalls.",
			[connectAnew(connection)],
		);
	},
};
