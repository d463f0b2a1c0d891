/** A text in another form. `at` says where each of its characters begins in the original, and where the last one ends. */
interface View {
	readonly text: string;
	readonly at: readonly number[];
}

/** ASCII letters and digits alone, in lower case: what is left of a key however it is split and punctuated. */
export function fold(given: string): View {
	const at: number[] = [];
	let text = "";
	for (let index = 0; index < given.length; index += 1) {
		const code = given.charCodeAt(index);
		const upper = code >= 65 && code <= 90;
		if (!upper && !(code >= 97 && code <= 122) && !(code >= 48 && code <= 57)) continue;
		text += upper ? String.fromCharCode(code + 32) : given[index];
		at.push(index);
	}
	return { text, at };
}

/** Of URLs, JSON, JavaScript, C, HTML; characters named as `U+0073`, and bytes in a list, such as `[115, 107]`. */
const escapeSequence =
	/%(?<url>[0-9a-f]{2})|(?:\\u0000|\\u|%u|\bU\+)(?<json>[0-9a-f]{4})|\\u\{0*(?<braces>[0-9a-f]{1,6})\}|\\x(?<byte>[0-9a-f]{2})|\b0x(?<hex>[0-9a-f]{2})(?![0-9a-f])|\\(?<octal>[01]?[0-7]{2})|(?<=[[,] ?)(?<listed>\d{2,3})(?= ?[\],])|&#x0*(?<html>[0-9a-f]{1,6});?|&#0*(?<decimal>\d{1,7});?|&(?<name>[a-z]{2,12});|\\[bfnrt]/gi;
/** How often a text is decoded: an error within an error within an error. */
const layers = 5;

/** A text as it is, and with its escapes read, as long as there are any. */
export function views(text: string): View[] {
	const all: View[] = [{ text, at: Array.from({ length: text.length + 1 }, (_, index) => index) }];
	for (let layer = 1; layer <= layers; layer += 1) {
		const read = unescaped(all[layer - 1] as View);
		if (!read) break;
		all.push(read);
	}
	return all;
}

/** Undefined if there are no escapes. */
function unescaped({ text: given, at: before }: View): View | undefined {
	let text = "";
	const at: number[] = [];
	let end = 0;
	const copy = (to: number) => {
		text += given.slice(end, to);
		for (let index = end; index < to; index += 1) at.push(before[index] as number);
	};
	for (const found of given.matchAll(escapeSequence)) {
		copy(found.index);
		text += characterOf(found.groups ?? {});
		at.push(before[found.index] as number);
		end = found.index + found[0].length;
	}
	if (end === 0) return undefined;
	copy(given.length);
	at.push(before[given.length] as number);
	return { text, at };
}

/** One UTF-16 unit. Letters and digits have no named entity. */
function characterOf({
	decimal,
	listed,
	octal,
	name,
	...hexadecimal
}: Readonly<Record<string, string | undefined>>): string {
	if (name) return name.toLowerCase() === "amp" ? "&" : " ";
	const digits = Object.values(hexadecimal).find((each) => each !== undefined);
	const inTens = decimal ?? listed;
	const code = inTens
		? Number(inTens)
		: octal
			? Number.parseInt(octal, 8)
			: Number.parseInt(digits ?? "20", 16);
	return code < 0x1_00_00 ? String.fromCharCode(code) : " ";
}
