import { checkedTime } from "../input.ts";

export interface ImportedTime {
	/** ms since 1970. */
	readonly at: number;
	/** Whether it was read as this machine's local time, because it names no zone. */
	readonly isLocal: boolean;
}

/** The last time that JavaScript knows, in ms. */
export const latest = 8.64e15;

/**
 * A time as other programs write it: ISO 8601 in the variants of Python and SQL, or a number of seconds, milli-, micro- or
 * nanoseconds since 1970, told apart by its size.
 * @param field its name, for the error.
 * @throws InputError
 */
export function importedTime(field: string, value: unknown): ImportedTime | undefined {
	const text = typeof value === "string" ? value.trim() : undefined;
	if (text === "") return undefined;
	const isNumber = typeof value === "number" || (text !== undefined && /^\d{9,}(\.\d+)?$/.test(text));
	const read = isNumber ? timeOf(Number(value), value) : text === undefined ? value : asIso(text);
	const at = checkedTime(field, read, false);
	if (at === undefined) return undefined;
	return { at, isLocal: typeof read === "string" && /T\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(read) };
}

/** Python writes a space for the T, SQL also a zone of hours only. */
function asIso(text: string): string {
	return text
		.replace(/^(\d{4}-\d{2}-\d{2})[ t](?=\d{2}:)/, "$1T")
		.replace(/(?<=:\d{2}),(?=\d)/, ".")
		.replace(/(?<=\d) ?(?:z|UTC|GMT)$/i, "Z")
		.replace(
			/(?<=:\d{2}(?:\.\d+)?) ?([+-]\d{2}):?(\d{2})?$/,
			(_, hours: string, minutes = "00") => `${hours}:${minutes}`,
		);
}

/** @returns `value` where that is no time, for the error. */
function timeOf(number: number, value: unknown): unknown {
	const time = Math.round(inMs(number));
	return Math.abs(time) <= latest ? time : value;
}

/** Seconds of the years before 5138, ms of those since 1973, and so on. */
function inMs(number: number): number {
	const size = Math.abs(number);
	if (size < 1e11) return number * 1000;
	if (size < 1e14) return number;
	return size < 1e17 ? number / 1000 : number / 1_000_000;
}
