import type { Redact } from "../../config/redact.ts";
import { isRecord, isWebPage, jsonOf } from "./answerBody.ts";

/** When a server's message shares this many characters with a text that was sent, it quotes that text. */
const quotation = 12;

/** Characters of a server's message that people are shown at most. */
const longest = 300;
/** Characters of a server's message and codes that are read at all: the searches in them must not take long. */
const longestRead = 2000;

interface ServerAnswer {
	/** The error's message, in one line; undefined if there is none. */
	readonly message: string | undefined;
	/** Everything it says, in one string to search for words: the message at length, codes, types. */
	readonly text: string;
	/** The codes and types alone. */
	readonly codes: string;
	/** The status that the body itself claims, as OpenRouter's do. */
	readonly code: number | undefined;
}

/**
 * A server's error message, in any family's shape: `{error: {message, code, type}}`, `{error: "…"}`,
 * `{message, code}`, `{detail: "…"}`, `{detail: [{loc, msg}]}`, a web page, plain text.
 * @param redact servers like to quote the key.
 * @param texts were sent to the model, and must not get into a log either.
 */
export function serverMessage(body: string, redact: Redact, texts: readonly string[] = []): ServerAnswer {
	const { message = "", codes, code } = readBody(body);
	const clean = (said: string) => withoutQuotations(redact(said.slice(0, longestRead)), texts);
	const [words, names] = [clean(message), clean(codes)];
	return { message: shortened(words) || undefined, text: `${words} ${names}`, codes: names, code };
}

/** A message as one line, without secrets and without the user's texts. */
export function repeatable(message: string, redact: Redact, texts: readonly string[] = []): string {
	return shortened(withoutQuotations(redact(message.slice(0, longestRead)), texts));
}

function readBody(body: string): Omit<ServerAnswer, "text"> {
	const only = (message: string | undefined) => ({ message, codes: "", code: undefined });
	const text = body.trim();
	if (text === "") return only(undefined);
	if (isWebPage(text)) {
		const title = /<(?:title|h1)[^<>]*>([^<]*)</i.exec(text)?.[1]?.trim();
		return only(title || undefined);
	}
	const json = jsonOf(text);
	if (json === undefined) return only(text);
	// Gemini wraps its errors in a list.
	const parsed: unknown = Array.isArray(json) ? json[0] : json;
	if (!isRecord(parsed)) return only(typeof parsed === "string" ? parsed : undefined);
	const error = isRecord(parsed.error) ? parsed.error : parsed;
	const { n_ctx: context, metadata, message } = error;
	const codes = [
		error.code,
		error.type,
		error.param,
		parsed.type,
		details(parsed.errors),
		// llama.cpp's context, and what the provider behind OpenRouter says.
		typeof context === "number" && `n_ctx ${context}`,
		isRecord(metadata) && metadata.raw,
	].filter(isText);
	return {
		message:
			[
				isRecord(message) ? details(message.detail) : message,
				parsed.error,
				parsed.message,
				details(parsed.detail),
				error.error,
			].find(isText) ?? codes[0],
		codes: codes.join(" "),
		code: typeof error.code === "number" ? error.code : undefined,
	};
}

/** Validation errors also quote the input; only the place and the problem are repeated. */
function details(value: unknown): unknown {
	if (!Array.isArray(value)) return value;
	return value
		.filter(isRecord)
		.map(
			({ loc, field, msg, message }) =>
				`${Array.isArray(loc) ? loc.join(".") : String(field ?? "")}: ${String(msg ?? message)}`,
		)
		.join("; ");
}

const isText = (value: unknown): value is string => typeof value === "string" && value.trim() !== "";

/** Each text as it is, as in JSON, and as in a URL. */
function inAllSpellings(texts: readonly string[]): string[] {
	return texts
		.filter((text) => text.trim() !== "")
		.flatMap((text) => [
			...new Set([text, text.trim(), JSON.stringify(text).slice(1, -1), encodeURIComponent(text)]),
		]);
}

function withoutQuotations(message: string, texts: readonly string[]): string {
	const spellings = inAllSpellings(texts.map((text) => text.toWellFormed()));
	let short = message.slice(0, 4 * longest);
	// Whole texts may be shorter than the search below can find.
	for (const text of spellings) if (text.length >= 4) short = short.replaceAll(text, "(…)");
	let clean = "";
	for (let at = 0; at < short.length; ) {
		const text = spellings.find((each) => each.includes(short.slice(at, at + quotation)));
		if (text === undefined || at + quotation > short.length) {
			clean += short[at];
			at += 1;
			continue;
		}
		let end = at + quotation;
		while (end < short.length && text.includes(short.slice(at, end + 1))) end += 1;
		clean += "(…)";
		at = end;
	}
	return clean;
}

function shortened(text: string): string {
	const line = text
		.replace(/\s+/g, " ")
		.trim()
		.replace(/[.”"]+$/, "");
	return line.length > longest ? `${line.slice(0, longest)}…` : line;
}
