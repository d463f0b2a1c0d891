import { rules } from "@secretlint/secretlint-rule-preset-recommend";
import type { FoundSecret } from "./secretKinds.ts";

/*
 * The rules of secretlint's recommended preset, called by ourselves: its own engine is made for files on a disk, takes
 * several times as long to load, and brings a logger.
 */

/** What the rules find, for people, by the last part of their id. Of those that are not here, by that part itself. */
const names: Readonly<Record<string, string>> = {
	"1password": "1Password token",
	anthropic: "Anthropic key",
	cloudflare: "Cloudflare token",
	databricks: "Databricks token",
	docker: "Docker token",
	figma: "Figma token",
	gcp: "Google Cloud key",
	github: "GitHub token",
	gitlab: "GitLab token",
	grafana: "Grafana token",
	groq: "Groq key",
	"hashicorp-vault": "Vault token",
	huggingface: "Hugging Face token",
	linear: "Linear key",
	notion: "Notion token",
	openai: "OpenAI key",
	privatekey: "private key",
	sendgrid: "SendGrid key",
	shopify: "Shopify token",
	slack: "Slack token",
	stripe: "Stripe key",
	tailscale: "Tailscale key",
	vercel: "Vercel token",
};

/**
 * Left out, with patterns of our own in their place: the rules for passwords in addresses take the whole address, and those
 * for AWS and npm report offsets that leave a part of the secret. With the rule for comments, a text could turn off the
 * others.
 */
const leftOut = /-(?:aws|npm|basicauth|database-connection-string|filter-comments)$/;

interface Report {
	readonly range: readonly [start: number, end: number];
}

/** The part of a rule that we use. */
interface Rule {
	readonly meta: { readonly id: string };
	create(
		context: {
			createTranslator(messages: unknown): () => unknown;
			report(report: Report): void;
			ignore(report: unknown): void;
		},
		options: object,
	): { file?(source: object): void | Promise<void> };
}

const used = (rules as unknown as readonly Rule[]).filter(({ meta }) => !leftOut.test(meta.id));

export async function secretsByRules(text: string): Promise<readonly FoundSecret[]> {
	const found: FoundSecret[] = [];
	const source = { content: text, contentType: "text", filePath: "memory.txt", ext: ".txt", hasBOM: false };
	for (const rule of used) {
		const kind = /secretlint-rule-(.+)$/.exec(rule.meta.id)?.[1] ?? "secret";
		const context = {
			// Messages quote the secret: none is made.
			createTranslator: () => () => ({ message: "", messageId: "" }),
			report: ({ range: [start, end] }: Report) => found.push({ name: names[kind] ?? kind, start, end }),
			ignore: () => undefined,
		};
		await rule.create(context, {}).file?.(source);
	}
	return found;
}
