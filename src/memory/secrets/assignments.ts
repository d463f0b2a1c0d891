import { entropyOf, isReference } from "./examples.ts";

/*
 * Values that are called a password, a token or a key where they stand: `password = …`, `"apiKey": "…"`, `--token …`.
 */

const names =
	"pass(?:word|wd|phrase|code)?|pwd|passwort|kennwort|contrase[ñn]a|mot de passe|senha|secret[-_]key[-_]base|secret|token|credentials?|api[-_. ]?key|(?:access|account|auth|encryption|master|private|secret|service|shared|signing|deploy|webhook)[-_. ]?(?:key|secret|token)";
/** What stands before the name within a longer one, such as `DB_` in `DB_PASSWORD`. */
const prefix = "(?:[A-Za-z0-9]+[-_.]){0,5}[a-z0-9]{0,30}";
/** JSON within JSON has backslashes before its quotes. */
const separator = `(?:\\\\{0,3}["'\`])?\\s{0,3}(?<separator>:=|=>|={1,2}|:|\\b(?:is|ist|est|es|é):?(?=\\s)|\\s)\\s{0,3}`;
const pattern = new RegExp(
	`(?<![A-Za-z0-9])(?<name>${prefix}(?:${names}))${separator}(?:\\\\{1,3}"(?<escaped>[^"\\\\\\n]{6,400})\\\\{1,3}"|"(?<double>[^"\\n]{6,400})"|'(?<single>[^'\\n]{6,400})'|\`(?<tick>[^\`\\n]{6,400})\`|(?<bare>[^\\s"'\`,;)\\]}<>]{6,400}))`,
	"dgi",
);

/** Names that end like a secret's, and have none. */
const harmless =
	/(?:public|csrf|xsrf|page|next|continuation|cancel(?:lation)?|sync|design|syntax|sort|partition|primary|foreign|cache|commit|build|lock)[-_. ]?(?:key|token)$/i;
const isPassword = /pass(?:word|wd|phrase|code|wort|e)?$|pwd$|kennwort$|contrase[ñn]a$|senha$/i;
const uuid = /^[{(]?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}[)}]?$/i;
/** A path, an address without a password, a version, a date, a name in a program. */
const otherThings =
	/^(?:[a-z]+:\/\/|\.{0,2}\/|~\/|[A-Z]:\\)|^v?\d+(?:[.:/-]\d+)*$|^\d{4}-\d{2}|^[\w-]+\.[a-z]{2,4}$|^[\w.]+\(|^(?:sha(?:1|224|256|384|512)|md5)[-:]|@[\w-]+\.\w/i;

export interface Assignment {
	readonly start: number;
	readonly end: number;
	readonly name: string;
}

export function* assignmentsIn(text: string): Generator<Assignment> {
	for (const match of text.matchAll(pattern)) {
		const { name = "", separator = "", escaped, double, single, tick, bare } = match.groups ?? {};
		const quoted = escaped ?? double ?? single ?? tick;
		const { groups } = match.indices ?? {};
		const [start, full] = groups?.bare ??
			groups?.escaped ??
			groups?.double ??
			groups?.single ??
			groups?.tick ?? [0, 0];
		const isInQuery = /[?&]/.test(text[match.index - 1] ?? "");
		// The end of a sentence is no part of a value.
		const value = quoted ?? bare?.replace(isInQuery ? /&.*$/ : /[.!?:]+$/, "") ?? "";
		const end = start + value.length;
		if (end > full || harmless.test(name) || !isSecretValue(value, name, quoted !== undefined, separator))
			continue;
		yield { start, end, name: isPassword.test(name) ? "password" : nameOf(name) };
	}
}

/** Whether the value of a field is one, by the field's name. */
export function isSecretField(name: string, value: string): boolean {
	const [found] = assignmentsIn(`${name}="${value}"`);
	return found !== undefined;
}

function isSecretValue(value: string, name: string, isQuoted: boolean, separator: string): boolean {
	if (isReference(value) || uuid.test(value) || otherThings.test(value)) return false;
	// "pass" is a verb, too.
	if (/^pass$/i.test(name) && separator.trim() === "") return false;
	const classes = [/[a-z]/, /[A-Z]/, /\d/, /[^\w\s.\-/]/].filter((each) => each.test(value)).length;
	const isMixed = /\d/.test(value) ? classes >= 2 : classes >= 3;
	if (!isMixed || /\s/.test(value)) return false;
	// In prose ("the token is Base64-encoded") a word follows, not a value.
	const isAssigned = isQuoted || separator.includes("=");
	if (isPassword.test(name) && isAssigned) return true;
	if (separator === ":" && isPassword.test(name) && isLikelyPassword(value)) return true;
	if (isPassword.test(name)) return classes >= 3 && /\d/.test(value) && entropyOf(value) > 2.7;
	return (
		value.length >= 16 &&
		/\d/.test(value) &&
		entropyOf(value) > 3 &&
		(isAssigned || separator === ":" || value.length >= 20)
	);
}

/** What is after a colon is a value or the beginning of a sentence: "Password: argon2id with a salt". */
function isLikelyPassword(value: string): boolean {
	const isWord =
		/^(?:argon2|bcrypt|scrypt|pbkdf2|sha-?\d|md5|aes|hmac|base\d|utf|oauth|auth0|1password|pkcs)/i;
	const isPath = /^[A-Za-z_]\w*(?:[.:/][A-Za-z_]\w*)+$/;
	return (
		value.length >= 8 &&
		/[A-Za-z]/.test(value) &&
		entropyOf(value) > 2.2 &&
		!isWord.test(value) &&
		!isPath.test(value)
	);
}

function nameOf(name: string): string {
	if (/token$/i.test(name)) return "token";
	return /secret$/i.test(name) ? "secret" : /credentials?$/i.test(name) ? "credential" : "key";
}
