import type { Variable } from "./variables.ts";

/** What clients and templates replace. `${env:NAME}` in headers is ours. */
const templates = [
	/\$\{(?!env:)[^}]*\}/,
	/\{\{.*\}\}/,
	/%[A-Za-z_]\w{3,}%/,
	/^\$[A-Za-z_]\w*$/,
	/^\$\(.*\)$/,
	/^\$env:\w+$/i,
	/<[\w .:/-]+>/,
	/^\[[A-Za-z_][\w .-]*\]$/,
	/^\{[\w .:-]+\}$/,
	/^__\w+__$/,
	/^\[object Object\]$/,
	/^(?:undefined|null)$/,
];

/** Words of examples: "your_api_key_here", "sk-...", "changeme". */
const keyWords =
	/^(?:your[-_ ].*|(?:sk-)?(?:your[-_ ])(?:api[-_ ])?key(?:[-_ ]here)?|(?:sk-)?(?:\.{2,}|…|x{3,}|\*{3,})|(?:insert|enter|put|paste|add|replace)[-_ ].*|change[-_ ]?(?:me|this|it)|todo|placeholder|(?:my[-_ ])?(?:api[-_ ]?)?key[-_ ]here)$/i;
const nameWords = /^your[-_ ].*(?:model|deployment|name|id|here)|^(?:changeme|todo|placeholder)$/i;
/** `your-proxy.example` is nobody's; `your-proxy.com` may be somebody's. */
const hostWords =
	/^(?:https?:\/\/)?(?:[^/]*\.)?your[-_][^/.:]*(?:\.example(?:\.\w+)?|\.openai\.azure\.com)?(?:[:/]|$)|^(?:none|nil|nan|false|true)$/i;

/**
 * The placeholder that somebody should have filled in.
 * @returns undefined for a real value; empty where the text may be a secret, and is not to be shown.
 */
export function placeholderIn(
	text: string,
	{ type, secret }: Pick<Variable, "type" | "secret">,
): string | undefined {
	const template = templates.map((each) => each.exec(text)?.[0]).find((found) => found !== undefined);
	const hidden = secret || type === "headers";
	if (template !== undefined) {
		const harmless = /^\$\{[\w:.-]*\}$|^%\w+%$/.test(template);
		return hidden && !harmless ? "" : template;
	}
	if (type === "headers") return headerWords(text) ? "" : undefined;
	const words = secret ? keyWords : type === "url" ? hostWords : type === "string" ? nameWords : undefined;
	if (!words?.test(text)) return undefined;
	return hidden ? "" : text;
}

function headerWords(text: string): boolean {
	const values = [...text.matchAll(/:\s*"((?:[^"\\]|\\.)*)"/g)].map(([, value = ""]) => value);
	return values.some((value) => keyWords.test(value.replace(/^Bearer\s+/i, "")));
}
