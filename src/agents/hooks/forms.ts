/** The form in which each client takes what is to be put before the model. */
const forms = {
	/** Copilot's runtime reads the first, VS Code's own harness the second; each ignores the other. */
	copilot: (event: string, context: string) => ({ additionalContext: context, ...nested(event, context) }),
	vscode: (event: string, context: string) => ({ additionalContext: context, ...nested(event, context) }),
	claude: nested,
	/** It refuses an answer with anything else in it. */
	codex: nested,
	gemini: nested,
	cursor: (_: string, context: string) => ({ additional_context: context }),
} satisfies Readonly<Record<string, (event: string, context: string) => object>>;

export type HookClient = keyof typeof forms;

export function isHookClient(name: unknown): name is HookClient {
	return typeof name === "string" && Object.hasOwn(forms, name);
}

/**
 * What a hook prints, in ASCII: some shells that stand between read it in the code page of a console.
 * @param event as the client writes it.
 */
export function answerIn(client: HookClient, event: string, context: string): string {
	return JSON.stringify(forms[client](event, context)).replace(
		/[^ -~]/g,
		(unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
	);
}

function nested(event: string, context: string) {
	return { hookSpecificOutput: { hookEventName: event, additionalContext: context } };
}
