import type { ImportRequest } from "../../requests.ts";

/** A text file of another program, as a whole. */
export interface TextFile {
	/** Its path, with slashes, as the person or the folder names it. */
	readonly name: string;
	readonly text: string;
	/** ms since 1970. */
	readonly modifiedAt?: number | undefined;
}

export interface FoundMemory {
	/** Of the file, counted from 1. */
	readonly line: number;
	readonly lastLine?: number;
	/** The id it has in its program. */
	readonly id?: string | undefined;
	readonly request: ImportRequest;
}

/** A format whose files are small: parsers are pure, and see a file as a whole. */
export interface TextFormat {
	/** For `--from`, and in `metadata.source`. */
	readonly id: string;
	/** Completes "… files of". */
	readonly name: string;
	readonly isFormat: (file: TextFile) => boolean;
	readonly parse: (file: TextFile) => readonly FoundMemory[];
}

/** The last part of a file's path. */
export function baseName({ name }: Pick<TextFile, "name">): string {
	return name.slice(name.lastIndexOf("/") + 1);
}
