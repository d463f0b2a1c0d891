import type { Launch } from "./context.ts";

/** The field of an InputError that is about the command line as a whole, or an operand; else it is a flag's name. */
export const commandLine = "command line";

export interface Flag {
	/** Without the dashes. */
	readonly name: string;
	/** What its value stands for; absent: the flag takes none. */
	readonly value?: string;
	readonly summary: string;
}

export type Flags = Readonly<Record<string, string | boolean | undefined>>;

/** A command; `commands.ts` lists them. Parsing, help and usage errors all follow from these fields. */
export interface Command {
	readonly name: string;
	readonly summary: string;
	readonly operands?: {
		/** As the help shows them. */
		readonly label: string;
		readonly most: number;
		/** What to say when there is none; absent: there may be none. */
		readonly missing?: string;
		/** The name of a flag that takes their place. */
		readonly instead?: string;
	};
	readonly flags?: readonly Flag[];
	/** Returns the exit code. */
	readonly run: (launch: Launch, operands: readonly string[], flags: Flags) => Promise<number>;
}
