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

export interface EnvSection {
	readonly title: string;
	/** A line without a value is a remark on the variable. */
	readonly lines: readonly { readonly name: string; readonly value?: string; readonly remark?: string }[];
}

/** A `.env` file with a comment above each section; sections without a line are left out. */
export function formatEnv(heading: readonly string[], sections: readonly EnvSection[]): string {
	const comment = (text: string) => `# ${text}`;
	const line = ({ name, value, remark }: EnvSection["lines"][number]) =>
		(value === undefined ? undefined : envLine(name, value)) ??
		comment(
			`${name} ${remark ?? "has a value that a .env file cannot express: it contains every kind of quote."}`,
		);
	const blocks = sections
		.filter(({ lines }) => lines.length > 0)
		.map(({ title, lines }) => [comment(title), ...lines.map(line)].join("\n"));
	return `${[heading.map(comment).join("\n"), ...blocks].join("\n\n")}\n`;
}
