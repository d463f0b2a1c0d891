import { isRecord, jsonOf } from "../../../endpoints/openai/answerBody.ts";
import { families, isSameModel } from "../../../endpoints/openai/families.ts";
import { type Check, type CheckResult, explainedAbove, ok, warning } from "../../findings.ts";
import { advice, setVariable } from "../../fixes.ts";
import { failed } from "../../probe.ts";
import type { Fix } from "../../report.ts";
import type { ChatTarget, Target } from "../../target.ts";

/** Characters of mem0ai's instructions (mem0ai 3.3.1). */
const instructions = 33_655;
/** Tokens that the memory needs for them, a text, and an answer; see memory/saving/distiller.ts. */
const needed = 11_000;

const filler = "A line of this test has nothing to say and is as long as a line of instructions is.\n";

/** Whether mem0ai's instructions fit: the server may tell its context, else a prompt of that length is sent. */
export const contextLength: Check<ChatTarget> = {
	stage: "context",
	title: "Context length",
	run: async (target) => {
		if ((await target.client.trial()).error) return explainedAbove;
		const context = listedContext(target) ?? (await nativeContext(target));
		if (context === undefined) return tryLongPrompt(target);
		const configured = target.endpoint.contextLength;
		const seen = `The server's context has ${context.toLocaleString("en")} tokens`;
		if (configured !== undefined && configured > context)
			return warning(
				`${seen}, fewer than LLM_CONTEXT_LENGTH says.`,
				"The server would refuse long prompts, or cut them without telling.",
				[setLength(context)],
			);
		if (context < needed) return tooSmall(target, `${seen}.`);
		if (configured === undefined || configured >= needed) return ok(`${seen}.`);
		const allowed = configured.toLocaleString("en");
		return tooSmall(target, `${seen}, of which LLM_CONTEXT_LENGTH allows ${allowed}.`, setLength(context));
	},
};

async function tryLongPrompt(target: ChatTarget): Promise<CheckResult> {
	const { client, run, endpoint } = target;
	const system = filler.repeat(Math.ceil(instructions / filler.length));
	const { error } = await client.attempt(
		(signal) =>
			client.model.complete({ system, user: "Answer with the one word ok." }, { signal, maxTokens: 16 }),
		`a prompt of ${system.length} characters`,
	);
	if (error && ["timeout", "connection-lost", "unreachable"].includes(error.kind))
		return warning(
			error.kind === "timeout"
				? `The server did not read a prompt of some 8,000 tokens within ${run.deadline / 1000} s.`
				: `The connection broke while a prompt of some 8,000 tokens was sent.`,
			"The model is slow with long prompts. Saves do not wait for it: facts follow in the background.",
			[raiseContext(target)],
		);
	if (error) {
		const { limit, status, serverMessage } = error;
		const said = serverMessage ? ` It said: “${serverMessage}”.` : "";
		if (error.kind === "too-large" && status === undefined && limit !== undefined)
			return tooSmall(
				target,
				`The server read only ${limit} tokens of a prompt of some 8,000, without an error.`,
			);
		return tooSmall(
			target,
			limit
				? `The server's context has ${limit.toLocaleString("en")} tokens.`
				: `The server refuses a prompt of some 8,000 tokens.${said}`,
		);
	}
	const configured = endpoint.contextLength;
	if (configured !== undefined && configured < needed) {
		const seen = `The server takes a prompt of some 8,000 tokens; LLM_CONTEXT_LENGTH is ${configured}.`;
		return tooSmall(target, seen, setLength(needed));
	}
	return ok("The server takes a prompt as long as mem0's instructions.");
}

function tooSmall(target: Target, seen: string, fix = raiseContext(target)): CheckResult {
	return warning(
		seen,
		"mem0's instructions, some 8,000 tokens, do not fit with a text and an answer; shorter ones are used, which find fewer facts.",
		[fix],
	);
}

function raiseContext({ family }: Target): Fix {
	const { moreContext } = families[family];
	return advice(moreContext ?? "For better facts, use a model with a context of 16,384 tokens or more");
}

function setLength(tokens: number): Fix {
	return setVariable("LLM_CONTEXT_LENGTH", String(tokens));
}

/** From the model's entry in the list of models. */
function listedContext({ models, endpoint }: Target): number | undefined {
	const entry = models?.find(({ id }) => isSameModel(id, endpoint.model));
	return positive(entry?.max_model_len ?? entry?.context_length);
}

/** From the API that only servers of this family have. */
async function nativeContext(target: Target): Promise<number | undefined> {
	const { context } = families[target.family];
	if (!context) return undefined;
	const [path, tokens] = context;
	const answer = await target.get(`${target.origin}${path}`);
	const value = failed(answer) ? undefined : jsonOf(answer.body);
	return isRecord(value) ? positive(tokens(value, target.endpoint.model)) : undefined;
}

function positive(value: unknown): number | undefined {
	return typeof value === "number" && value > 0 ? value : undefined;
}
