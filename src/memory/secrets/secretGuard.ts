import * as l10n from "@vscode/l10n";
import { InputError } from "../errors.ts";
import { isSecretField } from "./assignments.ts";
import { isExample } from "./examples.ts";
import { findSecrets } from "./findSecrets.ts";
import { withoutPrivate } from "./privateParts.ts";
import { type AskAboutSecrets, listed, type SecretPolicy } from "./secretKinds.ts";

export interface Guarded<T> {
	readonly value: T;
	/** What was taken out and why; absent if nothing was. */
	readonly note?: string;
}

/** A text as it may be kept, and the kinds of what was replaced in it. */
export interface Redacted {
	readonly text: string;
	readonly kinds: readonly string[];
}

export async function redactSecrets(text: string): Promise<Redacted> {
	const found = await findSecrets(text);
	let end = 0;
	const parts = found.flatMap((secret) => {
		const before = text.slice(end, secret.start);
		end = secret.end;
		return [before, placeholder(secret.name)];
	});
	return { text: [...parts, text.slice(end)].join(""), kinds: found.map(({ name }) => name) };
}

const placeholder = (kind: string) => `‹redacted: ${kind}›`;

/** A memory, or what changes one. */
interface Keepable {
	readonly text?: string;
	readonly metadata?: Readonly<Record<string, unknown>> | null;
	readonly history?: readonly unknown[];
	/** The passage that a candidate comes from. */
	readonly excerpt?: string | undefined;
}

/** Stands before everything that keeps a text: journal, model, index and log get what it lets through. */
export class SecretGuard {
	readonly #policy: SecretPolicy;
	readonly #ask: AskAboutSecrets | undefined;

	/** @param ask absent: where nobody can be asked, secrets are replaced. */
	constructor(policy: SecretPolicy = "redact", ask?: AskAboutSecrets) {
		this.#policy = policy;
		this.#ask = ask;
	}

	/**
	 * @param asks whether a person may be asked: not about each of many.
	 * @throws InputError if nothing of the text may be kept.
	 */
	async memory<T extends Keepable>(given: T, asks = true): Promise<Guarded<T>> {
		const { text, found } =
			given.text === undefined ? { text: undefined, found: false } : withoutPrivate(given.text);
		if (text === "")
			throw new InputError(
				"text",
				l10n.t("All of the text is marked as private (<private>). Nothing was saved."),
			);
		const open = text === undefined ? given : { ...given, text };
		const notes = found ? [l10n.t("What was marked as private (<private>) is not kept.")] : [];
		const { value, kinds } = this.#policy === "keep" ? { value: open, kinds: [] } : await redacted(open);
		const decision = kinds.length === 0 ? "keep" : await this.#decision(kinds, asks);
		if (decision === "refuse")
			throw new InputError(
				"text",
				l10n.t`The text has ${listed(kinds)} in it. Nothing was saved: save it again without. (SECRETS decides: redact, refuse or keep.)`,
			);
		if (decision === "redact") notes.push(l10n.t`Secrets are not kept: ${listed(kinds)} was replaced.`);
		return {
			value: decision === "redact" ? value : open,
			...(notes.length > 0 ? { note: notes.join(" ") } : {}),
		};
	}

	async #decision(kinds: readonly string[], asks: boolean): Promise<Exclude<SecretPolicy, "ask">> {
		if (this.#policy !== "ask") return this.#policy;
		return asks && this.#ask ? this.#ask(kinds) : "redact";
	}
}

async function redacted<T extends Keepable>(
	given: T,
): Promise<{ readonly value: T; readonly kinds: readonly string[] }> {
	const { text, metadata, history, excerpt } = given;
	const { value, kinds } = await redactedFields({
		...(text === undefined ? {} : { text }),
		...(metadata ? { metadata } : {}),
		...(history ? { history } : {}),
		...(excerpt ? { excerpt } : {}),
	});
	return { value: { ...given, ...value }, kinds };
}

/** Metadata is of bounded depth, see `checkedMetadata`. */
export async function redactedFields<T>(
	value: T,
	field = "",
): Promise<{ value: T; kinds: readonly string[] }> {
	if (typeof value === "string") {
		const { text, kinds } = await redactSecrets(value);
		if (kinds.length > 0 || !isSecretField(field, value) || isExample(value))
			return { value: text as T, kinds };
		return { value: placeholder("secret") as T, kinds: ["secret"] };
	}
	if (typeof value !== "object" || value === null) return { value, kinds: [] };
	const entries = await Promise.all(
		Object.entries(value).map(async ([name, each]) => {
			const key = await redactSecrets(name);
			const { value: inner, kinds } = await redactedFields(
				each as unknown,
				Array.isArray(value) ? field : name,
			);
			return { name: key.text, inner, kinds: [...key.kinds, ...kinds] };
		}),
	);
	const kinds = entries.flatMap((each) => each.kinds);
	if (kinds.length === 0) return { value, kinds };
	const inner = Array.isArray(value)
		? entries.map((each) => each.inner)
		: Object.fromEntries(entries.map((each) => [each.name, each.inner]));
	return { value: inner as T, kinds };
}
