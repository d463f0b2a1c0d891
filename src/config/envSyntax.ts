import { parseEnv } from "node:util";

/** The variables in a `.env` file, for the server at its start and the extension on import. */
export function parseEnvText(text: string): Record<string, string> {
	const values = parseEnv(text.replace(/^\uFEFF/, ""));
	return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value ?? ""]));
}

/**
 * A line of a `.env` file that is read back as the same value.
 * @returns undefined where no way of quoting can express the value.
 */
export function envLine(name: string, value: string): string | undefined {
	const forms = [value, `"${value}"`, `'${value}'`, `\`${value}\``];
	return forms.map((form) => `${name}=${form}`).find((line) => holdsOnly(line, name, value));
}

/** The lines that follow must stay separate: an open quote would swallow them. */
function holdsOnly(line: string, name: string, value: string): boolean {
	return ['"', "'", "`"].every((quote) => {
		const read = parseEnvText(`${line}\nNEXT_=${quote}${quote}\nLAST_=1\n`);
		return read[name] === value && read.LAST_ === "1" && Object.keys(read).length === 3;
	});
}
