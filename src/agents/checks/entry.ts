import { failure, ok, warning } from "../../doctor/findings.ts";
import { nameIn } from "../connections.ts";
import { type ConnectionCheck, connectAnew, openFile, startOf } from "./connection.ts";

export const entry: ConnectionCheck = {
	stage: "entry",
	title: "entry",
	run: (connection) => {
		const { client, file, entry: present } = connection;
		const start = startOf(present);
		if (!start)
			return failure(
				`${file} has an entry "${nameIn(client)}" that starts nothing.`,
				"Its command is missing.",
				[connectAnew(connection)],
			);
		const off = switchedOff(present);
		if (off)
			return warning(
				`${file} switches our server off: ${off}.`,
				`${client.name} does not start it, or shows none of its tools.`,
				[openFile(connection, off.split(":")[0] as string)],
			);
		return ok(`${file} starts ${[start.command, ...start.args].join(" ")}.`);
	},
};

/** The keys by which clients leave out a server, or its tools. */
function switchedOff(present: Readonly<Record<string, unknown>>): string | undefined {
	const { disabled, enabled } = present;
	if (disabled === true) return "disabled: true";
	if (enabled === false) return "enabled: false";
	for (const key of ["disabledTools", "disabled_tools", "excludeTools"]) {
		const list = present[key];
		if (Array.isArray(list) && list.length > 0) return `${key}: ${list.join(", ")}`;
	}
	for (const key of ["tools", "enabledTools", "enabled_tools", "includeTools"]) {
		const list = present[key];
		if (Array.isArray(list) && !list.includes("*") && list.length === 0) return `${key}: none`;
	}
	return undefined;
}
