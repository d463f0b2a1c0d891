/** What the status says of saves that wait for the host of another configuration. */
export function heldBackNotice(saves: number, origins: readonly string[]): string[] {
	if (saves === 0) return [];
	const where = origins
		.map((origin) => origin.replaceAll(",", " or ") || "another program's model")
		.join(" and ");
	const [wait, they, them] =
		saves === 1 ? ["1 save waits", "It", "it"] : [`${saves} saves wait`, "They", "them"];
	return [
		`${wait} to be distilled at ${where}, the host that another configuration names. ${they} can be found word for word. To send ${them} to the configured language model instead, run Mem0: Distill Waiting Saves, or mcp-mem0 distill.`,
	];
}
